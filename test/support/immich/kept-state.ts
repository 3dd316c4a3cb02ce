import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { type Settings, tableNames, type WriteRow } from './rows.ts';
import { type Keeper, noTables, type TableMaps } from './state.ts';

/** What a killed server had: its tables, its log of writes, and the settings that were changed. */
export interface Kept {
  readonly tables: TableMaps;
  readonly writes: WriteRow[];
  readonly settings: Partial<Settings>;
  readonly keeper: Keeper;
  close(): void;
}

/**
 * Keeps every change in a file, a line each, before the request that made it is answered: a kill -9 loses nothing of it, as
 * with the database of a real Immich. Begins with what the file holds.
 */
export function keepState(file: string): Kept {
  const [tables, writes, settings] = [noTables(), new Array<WriteRow>(), {}];
  const take = (text: string): void => {
    // Written by this same code, so not looked at more closely than a database looks at its own pages.
    const line = JSON.parse(text);
    if (line.write !== undefined) writes.push(line.write);
    else if (line.settings !== undefined) Object.assign(settings, line.settings);
    else if (line.row === null) tables[tableNamed(line.table)].delete(line.id);
    else tables[tableNamed(line.table)].set(line.id, line.row);
  };
  if (existsSync(file)) {
    // Behind the last line break is nothing, or a line that was being written when the server was killed.
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    for (const line of lines) take(line);
    compact(file, { tables, writes, settings });
  }
  const descriptor = openSync(file, 'a', 0o600);
  const append = (line: object): void => void writeSync(descriptor, `${JSON.stringify(line)}\n`);
  const keeper: Keeper = {
    row: (table, id, row) => append({ table, id, row: row ?? null }),
    write: (write) => append({ write }),
    settings: (changed) => append({ settings: changed }),
  };
  return { tables, writes, settings, keeper, close: () => closeSync(descriptor) };
}

function tableNamed(name: unknown): (typeof tableNames)[number] {
  const known = tableNames.find((table) => table === name);
  if (known === undefined) throw new Error(`the kept state of a scripted Immich names a table ${String(name)}`);
  return known;
}

/** One line a row, whatever happened to it before. */
function compact(file: string, { tables, writes, settings }: Pick<Kept, 'tables' | 'writes' | 'settings'>): void {
  const rows = tableNames.flatMap((table) => [...tables[table].entries()].map(([id, row]) => ({ table, id, row })));
  const lines = [{ settings }, ...rows, ...writes.map((write) => ({ write }))];
  writeFileSync(`${file}.new`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
