import type { Activities, StartMissingInput, StartMissingResult } from '../domain/contract.ts';
import { defaultWindow } from '../domain/backfill.ts';
import { isDomainError } from '../domain/errors.ts';
import { looseLibrary } from '../domain/library.ts';
import type { Runs } from '../domain/ports.ts';
import { priorities } from '../domain/queues.ts';
import { addMissing, type MissingPhoto, type MissingStore, type MissingTally } from '../domain/reconcile.ts';
import { type BrakeDeps, createBrake } from './brake.ts';
import type { Folders } from './folders.ts';
import { heartbeating } from './heartbeat.ts';
import type { ImmichDeps } from './immich-deps.ts';
import { immichIdOf } from './immich-source.ts';

export interface StartMissingDeps extends BrakeDeps {
  readonly folders: Pick<Folders, 'of'>;
  /** Absent: every library is a folder. */
  readonly immich?: Pick<ImmichDeps, 'immichs' | 'recent'> | undefined;
  /** Is a pass through this library under way? It meets what is new by itself. */
  readonly isPassing: (library: string) => Promise<boolean>;
  readonly missing: Pick<MissingStore, 'page' | 'still'>;
  readonly runs: Pick<Runs, 'start' | 'countOpen'>;
  /** Keys of those whose run is open, by Temporal's visibility: one question for many. */
  readonly openAmong: (photos: readonly MissingPhoto[]) => Promise<ReadonlySet<string>>;
  /** Milliseconds without room for a single run, after which the rest is left for the next time. */
  readonly patienceMs?: number;
}

/** One page of rows asks Temporal twice and Postgres twice, at most. */
const pageSize = 100;
/** So many rows without coming back to the workflow: 6 events and 10 ms of the server for each time. */
const mostLooked = 5_000;
/** The files of a page are looked for side by side: a share answers in milliseconds, one after the other that adds up. */
const looksAtOnce = 16;
/** Of an Immich, which answers other people meanwhile. */
const asksAtOnce = 4;

/**
 * Starts what should be under way and is not, by the brake of the backfill and before the backlog: these photos had their
 * turn already. Twice is harmless: a run that is open is left alone.
 */
export function createStartMissingActivities(deps: StartMissingDeps): Pick<Activities, 'startMissing'> {
  return { startMissing: (input) => heartbeating((signal) => startMissing(deps, input, signal)) };
}

async function startMissing(
  deps: StartMissingDeps,
  { kind, after, quietMs }: StartMissingInput,
  signal: AbortSignal,
): Promise<StartMissingResult> {
  let sum = none;
  let cursor = after;
  do {
    const at = cursor === undefined ? { kind } : { kind, after: cursor };
    const photos = await deps.missing.page({ ...at, limit: pageSize, quietMs });
    sum = addMissing(sum, { ...none, looked: photos.length });
    const found = kind === 'begun' ? await withoutRun(deps, photos) : await withoutFile(deps, photos, signal);
    sum = addMissing(sum, { ...none, problems: found.problems });
    for (const [library, ofLibrary] of Map.groupBy(found.photos, ({ asset }) => asset.library)) {
      const { tally, noRoom } = await startAll(deps, { library, kind, photos: ofLibrary, signal });
      sum = addMissing(sum, tally);
      // What is left of this kind would wait as long again, page by page.
      if (noRoom) return sum;
    }
    cursor = photos.length < pageSize ? undefined : photos.at(-1)?.asset.assetId;
  } while (cursor !== undefined && sum.looked < mostLooked && sum.started < pageSize);
  return { ...sum, ...(cursor !== undefined && { next: cursor }) };
}

const none: MissingTally = { looked: 0, started: 0, gone: 0, problems: [] };

interface Found {
  readonly photos: readonly MissingPhoto[];
  readonly problems: readonly string[];
}

/**
 * Few rows are `open`, and whether one has a run is told by the attempt to start it. Many may wait, for days: those are asked
 * for in one question.
 */
async function withoutRun({ openAmong }: StartMissingDeps, photos: readonly MissingPhoto[]): Promise<Found> {
  const waiting = photos.filter(({ state }) => state === 'waiting');
  const open = waiting.length === 0 ? new Set<string>() : await openAmong(waiting);
  return { photos: photos.filter(({ asset }) => !open.has(asset.assetId)), problems: [] };
}

/** Photos that no pass will meet: their file is gone, or they are in no library. */
async function withoutFile(
  deps: StartMissingDeps,
  photos: readonly MissingPhoto[],
  signal: AbortSignal,
): Promise<Found> {
  const found: MissingPhoto[] = [];
  const problems: string[] = [];
  for (const [library, ofLibrary] of Map.groupBy(photos, ({ asset }) => asset.library)) {
    if (library === looseLibrary) found.push(...ofLibrary);
    else {
      try {
        found.push(...(await goneFromLibrary(deps, library, ofLibrary, signal)));
      } catch (error) {
        // A share that is away: its files are not gone.
        if (!isDomainError(error)) throw error;
        problems.push(`${library}: ${error.message}`);
      }
    }
  }
  return { photos: found, problems };
}

async function goneFromLibrary(
  { folders, immich, isPassing }: StartMissingDeps,
  library: string,
  photos: readonly MissingPhoto[],
  signal: AbortSignal,
): Promise<readonly MissingPhoto[]> {
  const open = await immich?.immichs.of(library);
  if (open === undefined) return await goneFrom(await folders.of(library), photos, signal);
  // Each look is a request: a backlog of 50,000 was 50,000 of them an hour, and one more for each photo at a first start. While a
  // pass is under way what is new waits for it; where there is none, little is.
  if (await isPassing(library)) return [];
  const asked = photos.filter(({ asset }) => immich?.recent.find(immichIdOf(asset)) === undefined);
  const gone: MissingPhoto[] = [];
  for (let at = 0; at < asked.length; at += asksAtOnce) {
    const some = asked.slice(at, at + asksAtOnce);
    const found = await Promise.all(some.map(({ asset }) => open.immich.asset(immichIdOf(asset), signal)));
    gone.push(...some.filter((_photo, nth) => found[nth] === undefined));
  }
  return gone;
}

async function goneFrom(
  folder: Awaited<ReturnType<Folders['of']>>,
  photos: readonly MissingPhoto[],
  signal: AbortSignal,
): Promise<readonly MissingPhoto[]> {
  const gone: MissingPhoto[] = [];
  for (let at = 0; at < photos.length; at += looksAtOnce) {
    const some = photos.slice(at, at + looksAtOnce);
    const stats = await Promise.all(some.map(({ rawPath }) => folder.stat(rawPath)));
    gone.push(...some.filter((_photo, nth) => stats[nth] === undefined));
  }
  if (gone.length === 0) return [];
  // A folder without any file may be the mount point of a share that was away when we began.
  const { files } = await folder.page({ cursor: undefined, limit: 1, signal });
  return files.length === 0 ? [] : gone;
}

interface Batch {
  readonly library: string;
  readonly kind: StartMissingInput['kind'];
  readonly photos: readonly MissingPhoto[];
  readonly signal: AbortSignal;
}

interface Started {
  readonly tally: MissingTally;
  readonly noRoom: boolean;
}

async function startAll(deps: StartMissingDeps, { library, kind, photos, signal }: Batch): Promise<Started> {
  const held = await deps.holdsBack?.(library);
  if (held !== undefined) return { tally: { ...none, problems: [`${library}: ${held}`] }, noRoom: false };
  const patience = impatient(deps.patienceMs ?? 120_000);
  const priority = priorities.normal;
  const either = AbortSignal.any([signal, patience.signal]);
  const brake = createBrake(deps, { library, window: defaultWindow, priority, signal: either });
  let sum = none;
  try {
    for (let at = 0, room: number; at < photos.length; at += room) {
      room = await brake.room(photos.length - at);
      signal.throwIfAborted();
      const noRoom = `${library}: no room for more runs; the next time goes on`;
      if (room === 0) return { tally: addMissing(sum, { ...none, problems: [noRoom] }), noRoom: true };
      const some = photos.slice(at, at + room);
      // The wait may have been long: what was started and has ended since is not started once more.
      const still = await deps.missing.still(
        kind,
        some.map(({ asset }) => asset.assetId),
      );
      const missing = some.filter(({ asset }) => still.has(asset.assetId));
      const isNew = await Promise.all(missing.map((photo) => deps.runs.start({ ...photo, priority })));
      const started = isNew.filter(Boolean).length;
      brake.started(started);
      patience.renew();
      sum = addMissing(sum, { ...none, started, gone: kind === 'new' && library !== looseLibrary ? started : 0 });
    }
    return { tally: sum, noRoom: false };
  } finally {
    patience.end();
  }
}

/** A signal that comes when nothing was done for so long. */
function impatient(ms: number) {
  const over = new AbortController();
  const giveUp = () => over.abort();
  let timer = setTimeout(giveUp, ms);
  return {
    signal: over.signal,
    renew() {
      clearTimeout(timer);
      timer = setTimeout(giveUp, ms);
    },
    end: () => clearTimeout(timer),
  };
}
