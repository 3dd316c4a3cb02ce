import { setTimeout as sleep } from 'node:timers/promises';
import type { Counts } from '../../test/support/immich/counts.ts';
import type { RunningUp } from '../../test/support/up.ts';
import { passIsOver, rateAt } from './ends.ts';
import { inScene, type Scene, tell, untilEnded } from './scene.ts';

export interface Throughput {
  readonly photosPerSecond: number;
  readonly requestsPerDescribed: number;
  readonly requestsPerFinished: number;
  /** From the start of `up` until its pass through the library is over. */
  readonly restartSeconds: number;
  readonly restartDownloads: number;
}

/** Every photo from nothing to its text in Immich, then `up` once more when there is nothing left to do. */
export const measureThroughput = (assets: number): Promise<Throughput> =>
  inScene({ assets }, async (scene) => ({
    ...(await describeAll(scene, assets)),
    ...(await startAgain(scene, assets)),
  }));

async function describeAll({ immich, host, start }: Scene, assets: number) {
  const up = await start();
  await untilEnded(up, assets);
  const counts = await immich().call('counts');
  const run = await up.run();
  const photosPerSecond = await rateAt(run, assets);
  for (const mark of [1_000, 5_000].filter((one) => one < assets))
    tell(`the first ${mark} photos: ${(await rateAt(run, mark)).toFixed(1)} a second`);
  await up.stop();
  tell(
    `all ${assets} photos: ${photosPerSecond.toFixed(1)} a second, model calls (SIMULATED, 0 ms): ${host.calls.length}`,
  );
  tellRequests('for each photo that was described', counts, assets);
  return { photosPerSecond, requestsPerDescribed: counts.requestsInAll / assets };
}

/** The first poll comes with the end of the pass; it is counted too. */
const pollMs = 5_000;

async function startAgain({ immich, start }: Scene, assets: number) {
  await immich().call('resetCounts');
  const began = Date.now();
  const up = await start();
  await untilPassIsOver(up, began);
  const restartSeconds = (Date.now() - began) / 1_000;
  await sleep(pollMs);
  const counts = await immich().call('counts');
  await up.stop();
  tellRequests('for each photo that was done already', counts, assets);
  return { restartSeconds, restartDownloads: counts.previews, requestsPerFinished: counts.requestsInAll / assets };
}

async function untilPassIsOver(up: RunningUp, since: number): Promise<void> {
  await up.said(/^ready$/);
  const run = await up.run();
  await up.until('the pass is over', () => passIsOver(run, 'immich', since).catch(() => false), 600_000);
}

function tellRequests(what: string, { requests, requestsInAll }: Counts, photos: number): void {
  tell(`requests to Immich ${what}: ${(requestsInAll / photos).toFixed(4)}`);
  const byRoute = Object.entries(requests).toSorted(([, a], [, b]) => b - a);
  for (const [route, count] of byRoute) tell(`  ${route.padEnd(34)} ${count} (${(count / photos).toFixed(4)})`);
}
