import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { connect } from '../adapters/postgres/connection.ts';
import { postgresOptions } from '../runtime/database/target.ts';
import { readRunFile, type Run } from '../runtime/run-file.ts';
import { type ScriptedHost, startScriptedHost } from '../test/support/scripted-host.ts';
import { makePhotos } from './engine/photos.ts';
import { startUp } from './engine/processes-under-test.ts';
import type { Bench } from './main.ts';
import { treeOf, usageOf } from './processes.ts';

const limitMs = 600_000;
/** As many as a pass keeps open. */
const open = 64;
/** Memory of decoding is given back, and caches have settled. */
const settleMs = 20_000;

const stateRow = z.object({ done: z.coerce.number(), open: z.coerce.number(), bytes: z.coerce.number() });
type State = z.infer<typeof stateRow>;

async function runOf(dataDir: string): Promise<Run> {
  const found = await readRunFile(dataDir);
  if (found.state !== 'running') throw new Error('run.json is missing');
  return found.run;
}

/** Looks once a second until `isSo`. */
async function until(dataDir: string, isSo: (state: State) => boolean): Promise<State> {
  const database = connect(postgresOptions((await runOf(dataDir)).database, { max: 1 }), { max: 1 });
  try {
    for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(1_000)) {
      const [state] = await database.rows(
        stateRow,
        (sql) => sql`
          select count(*) filter (where state = 'done') as done, count(*) filter (where state = 'open') as open,
            pg_database_size(current_database()) as bytes
          from darkroom.asset`,
      );
      if (state !== undefined && isSo(state)) return state;
    }
    throw new Error(`not within ${limitMs / 1_000} s`);
  } finally {
    await database.close();
  }
}

/** PSS in MB of each of our processes, with what is below it. */
async function memory(dataDir: string): Promise<Record<string, number>> {
  const { processes } = await runOf(dataDir);
  return Object.fromEntries(processes.map(({ name, pid }) => [name, Math.round(usageOf(treeOf(pid)).pssMb)]));
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const stats = await Promise.all(names.map((name) => stat(path.join(folder, name))));
  return stats.reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0);
}

/** Of SQLite files once their logs are in them: up to 4 MB each would else count as somebody's. */
async function stateBytes(folder: string): Promise<number> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.db')).map((name) => path.join(folder, name));
  if (files.length === 0) throw new Error(`no state of Temporal in ${folder}`);
  for (const file of files) {
    const state = new DatabaseSync(file);
    state.exec('pragma wal_checkpoint(truncate)');
    state.close();
  }
  const stats = await Promise.all(files.map((file) => stat(file)));
  return stats.reduce((sum, { size }) => sum + size, 0);
}

interface Place {
  readonly dataDir: string;
  readonly folder: string;
  readonly host: ScriptedHost;
}

/** One `up`, and after its end the bytes of Temporal's files. */
async function during<T>(
  { dataDir, folder, host }: Place,
  work: () => Promise<T>,
): Promise<{ seen: T; temporalBytes: number }> {
  const up = startUp(folder, dataDir, host.url);
  try {
    await up.readyAt;
    const seen = await work();
    await up.stop();
    return { seen, temporalBytes: await stateBytes(path.join(dataDir, 'temporal', 'state')) };
  } finally {
    await up.stop();
  }
}

async function measure(place: Place, spare: string, photos: number) {
  const { dataDir, folder, host } = place;
  const empty = await during(place, () => until(dataDir, () => true));
  const names = await readdir(spare);
  const give = (from: number, to: number) =>
    Promise.all(names.slice(from, to).map((name) => rename(path.join(spare, name), path.join(folder, name))));
  await give(0, photos);
  const closed = await during(place, () => until(dataDir, ({ done }) => done === photos));
  host.script(() => ({ firstByteMs: limitMs }));
  const { seen } = await during(place, async () => {
    await sleep(settleMs);
    const idle = await memory(dataDir);
    await give(photos, photos + open);
    await until(dataDir, (state) => state.open === open);
    await sleep(settleMs);
    return { idle, withOpen: await memory(dataDir) };
  });
  const kb = (after: number, before: number) => Number(((after - before) / photos / 1_024).toFixed(1));
  return {
    kbPerClosedRun: {
      temporal: kb(closed.temporalBytes, empty.temporalBytes),
      postgres: kb(closed.seen.bytes, empty.seen.bytes),
    },
    renditionKb: Math.round((await bytesIn(path.join(dataDir, 'renditions'))) / (photos + open) / 1_024),
    pssMb: seen,
  };
}

const growth: Bench = {
  name: 'growth',
  claim: 'what a photo leaves on the disk when its run is closed, and what open runs take of memory',
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { photos: { type: 'string', default: '500' } } });
    const photos = Number(values.photos);
    const home = await mkdtemp(path.join(tmpdir(), 'darkroom-bench-growth-'));
    const host = await startScriptedHost();
    try {
      // As root, the database runs as another user and must be able to pass.
      await chmod(home, 0o711);
      const place = { dataDir: path.join(home, 'data'), folder: path.join(home, 'library'), host };
      for (const one of [place.dataDir, place.folder]) await mkdir(one, { mode: 0o755 });
      const spare = path.join(home, 'spare');
      await makePhotos(spare, photos + open);
      return { bench: 'growth', photos, open, ...(await measure(place, spare, photos)) };
    } finally {
      await host.off();
      await rm(home, { recursive: true, force: true });
    }
  },
};

export default growth;
