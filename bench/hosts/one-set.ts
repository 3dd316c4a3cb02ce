import { chmod, link, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { connect } from '../../adapters/postgres/connection.ts';
import { postgresOptions } from '../../runtime/database/target.ts';
import { readRunFile } from '../../runtime/run-file.ts';
import { startUp } from '../engine/processes-under-test.ts';
import { median, span, startTimedHost, type TimedHost, utilisation } from './timed-host.ts';

export interface SetResult {
  readonly hosts: readonly TimedHost[];
  readonly photos: number;
  readonly seconds: number;
  readonly utilisation: number;
  /** Median of the pause between two calls on one slot, in ms. */
  readonly gapMs: number;
  readonly described: number;
  readonly parked: number;
  /** Pictures that a host answered in full more than once. */
  readonly repeated: number;
  /** Entries in `tries`: calls that were counted against a photo. */
  readonly attemptsBurnt: number;
}

interface Scene {
  readonly hosts: readonly TimedHost[];
  /** Lines of the log so far. */
  logLines(): Promise<number>;
}

interface SetInput {
  /** Folder with at least as many photos. */
  readonly photos: { readonly folder: string; readonly count: number };
  /** Milliseconds per call, a host each. */
  readonly callMs: readonly number[];
  /** What happens meanwhile. */
  readonly meanwhile?: (scene: Scene) => Promise<void>;
}

const limitMs = 300_000;

/** One `darkroom up` on its own data folder, over hosts of the given speeds, until every photo is at its end. */
export async function runSet({ photos, callMs, meanwhile }: SetInput): Promise<SetResult> {
  const home = await mkdtemp(path.join(tmpdir(), 'darkroom-bench-hosts-'));
  // As root, the database runs as another user and must be able to pass.
  await chmod(home, 0o711);
  const dataDir = path.join(home, 'data');
  await mkdir(dataDir, { mode: 0o711 });
  const folder = await linked(photos.folder, path.join(home, 'library'), photos.count);
  const hosts = await Promise.all(callMs.map(startTimedHost));
  const up = startUp(folder, dataDir, hosts.map(({ url }) => url).join(','));
  try {
    await up.readyAt;
    const log = path.join(dataDir, 'logs', 'darkroom.log');
    const logLines = async () => (await readFile(log, 'utf8')).split('\n').length - 1;
    const [, end] = await Promise.all([meanwhile?.({ hosts, logLines }), untilDone(dataDir, photos.count)]);
    const pictures = hosts.flatMap((host) => [...host.pictures.values()]);
    return {
      hosts,
      photos: photos.count,
      seconds: span(hosts) / 1_000,
      utilisation: utilisation(hosts),
      gapMs: median(hosts.flatMap((host) => host.gaps())),
      repeated: pictures.reduce((sum, { finished }) => sum + finished, 0) - end.described,
      ...end,
    };
  } finally {
    await up.stop();
    await Promise.all(hosts.map((host) => host.off()));
    await rm(home, { recursive: true, force: true });
  }
}

async function linked(from: string, to: string, count: number): Promise<string> {
  await mkdir(to, { mode: 0o755 });
  for (const name of (await readdir(from)).sort().slice(0, count))
    await link(path.join(from, name), path.join(to, name));
  return to;
}

const endRow = z.object({ described: z.coerce.number(), parked: z.coerce.number(), attemptsBurnt: z.coerce.number() });

/** Every try after the first one is told in the run's story. */
async function untilDone(dataDir: string, photos: number): Promise<z.infer<typeof endRow>> {
  const found = await readRunFile(dataDir);
  if (found.state !== 'running') throw new Error('run.json is missing');
  const database = connect(postgresOptions(found.run.database, { max: 1 }), { max: 1 });
  try {
    for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(1_000)) {
      const [row] = await database.rows(
        endRow,
        (sql) => sql`
          select count(*) filter (where outcome = 'done') as described,
            count(*) filter (where outcome = 'parked') as parked,
            count(*) filter (where steps::text like '%once more with%') as attempts_burnt
          from darkroom.asset_run`,
      );
      if (row !== undefined && row.described + row.parked >= photos) return row;
    }
    throw new Error(`not done within ${limitMs / 1000} s`);
  } finally {
    await database.close();
  }
}
