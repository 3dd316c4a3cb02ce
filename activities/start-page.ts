import { setTimeout as sleep } from 'node:timers/promises';
import type { Activities, StartPageInput, StartPageResult } from '../domain/contract.ts';
import type { AssetStore, LibraryRecord, Registered, Runs } from '../domain/ports.ts';
import { priorities } from '../domain/queues.ts';
import type { Folders } from './folders.ts';
import { heartbeating } from './heartbeat.ts';

export interface StartPageDeps {
  readonly folders: Folders;
  readonly assets: Pick<AssetStore, 'libraries' | 'register' | 'countWaiting'>;
  readonly runs: Pick<Runs, 'start' | 'countOpen'>;
  readonly recipeHash: string;
  /** Milliseconds between two looks at how many runs are open. */
  readonly brakeMs?: number;
}

/** Starts at once beside each other: 8 gave 52 starts a second, and more gave no more. */
const startsAtOnce = 8;

export function createStartPageActivities(deps: StartPageDeps): Pick<Activities, 'startPage'> {
  return { startPage: (input) => heartbeating((signal) => startPage(deps, input, signal)) };
}

async function startPage(deps: StartPageDeps, input: StartPageInput, signal: AbortSignal): Promise<StartPageResult> {
  const { folders, assets, recipeHash } = deps;
  const folder = await folders.of(input.library);
  const page = await folder.page({ cursor: input.cursor, limit: input.pageSize, signal });
  const library = await recordOf(assets, input.library);
  const registered = page.files.length === 0 ? [] : await assets.register(library, page.files, recipeHash);
  const toStart = registered.filter(({ needsRun }) => needsRun);
  await startWithBrake(deps, toStart, input.window, signal);
  return {
    ...(page.next !== undefined && { next: page.next }),
    seen: page.files.length,
    started: toStart.length,
    skipped: registered.filter(({ needsRun, state }) => !needsRun && state !== 'unsupported').length,
    unsupported: registered.filter(({ state }) => state === 'unsupported').length,
    problems: page.problems.slice(0, 5),
  };
}

/**
 * Never more than `window` runs that are able to go on. Temporal is asked for what is open, because rows may say `open`
 * for runs that were lost with its files; runs that wait for more than two minutes do not count.
 */
async function startWithBrake(
  deps: StartPageDeps,
  toStart: readonly Registered[],
  window: number,
  signal: AbortSignal,
) {
  const { assets, runs, brakeMs = 250 } = deps;
  // Room is used by the handful: at one run at a time, each start would cost a count of all of them.
  const handful = Math.min(startsAtOnce, window);
  let room = 0;
  for (let at = 0; at < toStart.length;) {
    if (room <= 0) {
      // Rows may say `waiting` for runs that were lost; they make no room.
      room = window - Math.max(0, (await runs.countOpen()) - (await assets.countWaiting()));
      if (room < Math.min(handful, toStart.length - at)) {
        room = 0;
        await sleep(brakeMs, undefined, { signal });
      }
      continue;
    }
    const batch = toStart.slice(at, at + Math.min(room, startsAtOnce));
    await Promise.all(batch.map((one) => runs.start({ ...one, priority: priorities.backfill })));
    at += batch.length;
    room -= batch.length;
  }
}

async function recordOf(assets: Pick<AssetStore, 'libraries'>, name: string): Promise<LibraryRecord> {
  const record = (await assets.libraries()).find((library) => library.name === name);
  if (record === undefined) throw new Error(`There is no library called ${name}.`);
  return record;
}
