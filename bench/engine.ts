import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { connect } from '../adapters/postgres/connection.ts';
import { postgresOptions } from '../runtime/database/target.ts';
import { readRunFile, type Run } from '../runtime/run-file.ts';
import { photoRuns } from '../test/support/history.ts';
import { makePhotos } from './engine/photos.ts';
import { startHost, startUp } from './engine/processes-under-test.ts';
import { renditionCpuMs } from './engine/yardstick.ts';
import type { Bench } from './main.ts';
import { treeOf, usageOf } from './processes.ts';

interface Round {
  readonly photosPerSecond: number;
  readonly cpuMsPerPhoto: number;
  readonly eventsPerPhoto: number;
  readonly peakOursMb: number;
  readonly peakAllMb: number;
  readonly readySeconds: number;
  /** How fast the machine was meanwhile: the mean of before and after. */
  readonly renditionCpuMs: number;
}

const limitMs = 300_000;
/** Looking at every process costs a few per cent of a core: not more often than a peak lasts. */
const sampleMs = 2_000;
const isOurs = (command: string): boolean => /\/node\S* |^node /.test(command);

async function round(folder: string, photos: number): Promise<Round> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'darkroom-bench-'));
  // As root, the database runs as another user and must be able to pass.
  await chmod(dataDir, 0o711);
  const speedBefore = await renditionCpuMs(folder);
  const host = await startHost();
  try {
    const first = startUp(folder, dataDir, host.url);
    const readyAt = await first.readyAt;
    const before = usageOf(treeOf(first.pid));
    const { peak, doneAt, run } = await untilDone(first.pid, dataDir, photos);
    const after = usageOf(treeOf(first.pid));
    const runs = await photoRuns(run);
    await first.stop();
    const startedAt = Date.now();
    const second = startUp(folder, dataDir, host.url);
    const readySeconds = ((await second.readyAt) - startedAt) / 1000;
    await second.stop();
    const speedAfter = await renditionCpuMs(folder);
    return {
      photosPerSecond: (photos * 1000) / (doneAt - readyAt),
      cpuMsPerPhoto: (after.cpuMs - before.cpuMs) / photos,
      eventsPerPhoto: runs.reduce((sum, { events }) => sum + events, 0) / runs.length,
      peakOursMb: peak.ours,
      peakAllMb: peak.all,
      readySeconds,
      renditionCpuMs: (speedBefore + speedAfter) / 2,
    };
  } finally {
    host.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const endRow = z.object({ done: z.coerce.number(), last: z.date().nullable() });

/** Looks once a second; when the last run ended is what the database says. */
async function untilDone(
  pid: number,
  dataDir: string,
  photos: number,
): Promise<{ peak: { ours: number; all: number }; doneAt: number; run: Run }> {
  const found = await readRunFile(dataDir);
  if (found.state !== 'running') throw new Error('run.json is missing');
  const database = connect(postgresOptions(found.run.database, { max: 1 }), { max: 1 });
  const peak = { ours: 0, all: 0 };
  try {
    for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(sampleMs)) {
      peak.all = Math.max(peak.all, usageOf(treeOf(pid)).pssMb);
      peak.ours = Math.max(peak.ours, usageOf(treeOf(pid, isOurs)).pssMb);
      const [row] = await database.rows(
        endRow,
        (sql) => sql`select count(*) as done, max(ended) as last from darkroom.asset_run where outcome = 'done'`,
      );
      if (row?.done === photos && row.last !== null) return { peak, doneAt: row.last.getTime(), run: found.run };
    }
    throw new Error(`not done within ${limitMs / 1000} s`);
  } finally {
    await database.close();
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const rounded = (value: number, digits = 1): number => Number(value.toFixed(digits));

const engine: Bench = {
  name: 'engine',
  claim: 'what the engine itself costs per photo, with a host that answers at once',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { photos: { type: 'string', default: '500' }, rounds: { type: 'string', default: '3' } },
    });
    const photos = Number(values.photos);
    const home = await mkdtemp(path.join(tmpdir(), 'darkroom-bench-photos-'));
    try {
      await chmod(home, 0o711);
      await makePhotos(path.join(home, 'library'), photos);
      const rounds: Round[] = [];
      for (let number = 1; number <= Number(values.rounds); number += 1) {
        const result = await round(path.join(home, 'library'), photos);
        process.stdout.write(`round ${number}: ${JSON.stringify(result)}\n`);
        rounds.push(result);
      }
      const of = (key: keyof Round, digits?: number) => rounded(median(rounds.map((one) => one[key])), digits);
      return {
        bench: 'engine',
        photos,
        photosPerSecond: of('photosPerSecond'),
        cpuMsPerPhoto: of('cpuMsPerPhoto'),
        eventsPerPhoto: of('eventsPerPhoto'),
        peakMb: { ours: of('peakOursMb', 0), all: of('peakAllMb', 0) },
        readySeconds: of('readySeconds', 2),
      };
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  },
};

export default engine;
