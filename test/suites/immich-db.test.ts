import { after } from 'node:test';
import { type ImmichTables, immichTables, type TableLayout } from '../support/immich-db-tables.ts';
import { makeDbWorld } from '../support/immich-db-world.ts';
import { immichLibrarySuite } from './immich-library.suite.ts';

const opened = new Map<TableLayout, Promise<ImmichTables>>();

const tablesOf = (layout: TableLayout): Promise<ImmichTables> => {
  const known = opened.get(layout) ?? immichTables(layout);
  opened.set(layout, known);
  return known;
};

after(async () => {
  for (const tables of opened.values()) await (await tables).close();
});

const names = { '3.2': 'database, tables of 3.2', '3.1': 'database, tables of 2.5 to 3.1' } as const;

for (const layout of ['3.2', '3.1'] as const) {
  immichLibrarySuite(names[layout], async () => makeDbWorld(await tablesOf(layout)), { compares: true });
}
