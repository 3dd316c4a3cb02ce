import type { Photos } from '../clients/photos.ts';
import type { FirstLookQueries } from '../domain/first-look.ts';
import type { ImmichRecord, ImmichStore } from '../domain/immich-store.ts';
import type { KeptPauses } from '../domain/kept-pause.ts';
import type { Settings } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { pause } from '../runtime/when-aborted.ts';
import { firstLookOver } from './engine-first-look.ts';
import { createHints, type Hints } from './engine-immich-hints.ts';
import { createPoll, keepPolling } from './engine-immich-poll.ts';
import { watchPreviews } from './engine-immich-previews.ts';
import { keepSweeping } from './engine-immich-sweep.ts';
import type { TakeNew } from './engine-immich-take.ts';
import type { Immichs } from './immichs.ts';

export interface EngineImmichDeps {
  readonly immichs: Immichs;
  readonly store: ImmichStore;
  readonly queries: FirstLookQueries;
  readonly kept: Pick<KeptPauses, 'look' | 'pause' | 'resume'>;
  readonly photos: Photos;
  readonly takeNew: TakeNew;
  readonly settings: Settings;
  readonly say: (text: string) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface OpenImmichLibraries {
  /** Those that are known by now. */
  records(): readonly ImmichRecord[];
  /** Some are still to be asked for: a batch must not end. */
  isOpening(): boolean;
  /** A webhook says that this photo may be new. Passed over while nothing new is looked for there. */
  hint(library: string, immichId: string): void;
  /** After the signal. */
  readonly ended: Promise<void>;
}

const retryMs = 15_000;

/** Immich may be away for hours: its libraries are opened beside everything else, and folders do not wait for them. */
export function openImmichLibraries(deps: EngineImmichDeps): OpenImmichLibraries {
  const records: ImmichRecord[] = [];
  const hints = new Map<string, Hints>();
  const found = deps.immichs.identify(deps.signal);
  let left = found.length;
  const open = async (identified: Promise<ImmichRecord | undefined>) => {
    const record = await identified;
    if (record === undefined) return;
    const { name } = record;
    records.push(record);
    if (deps.settings.DARKROOM_MODE !== 'monitor') await untilTaken(deps, () => deps.photos.scan(name, 'start'));
    left -= 1;
    deps.log.info({ library: name }, 'An Immich library is open');
    await keepUp(deps, record, hints);
  };
  const tellAll = (id: string) => {
    for (const one of hints.values()) one.offer(id);
  };
  const previews =
    found.length === 0 || deps.settings.DARKROOM_MODE === 'batch' ? undefined : watchPreviews(deps, tellAll);
  return {
    records: () => records,
    isOpening: () => left > 0,
    hint: (library, immichId) => void hints.get(library)?.offer(immichId),
    ended: Promise.all([previews, ...found.map(open)]).then(() => undefined),
  };
}

/** After the first look: what is new is polled for and hinted at, and once a day everything is looked through. */
async function keepUp(deps: EngineImmichDeps, record: ImmichRecord, hints: Map<string, Hints>): Promise<void> {
  const { settings, signal } = deps;
  const { name } = record;
  if (!(await firstLookOver({ ...deps, isUnwanted: settings.FIRST_LOOK === 0 }, name))) return;
  if (settings.DARKROOM_MODE === 'batch') return;
  const wait = (ms: number) => pause(ms, signal);
  const everyMs = settings.IMMICH_POLL_SEC * 1_000;
  const poll = createPoll({ ...deps, videos: settings.IMMICH_VIDEOS === 'on' }, name);
  const hintsOfThis = createHints({ ...deps, wait }, name);
  hints.set(name, hintsOfThis);
  await Promise.all([
    hintsOfThis.ended,
    everyMs > 0 && keepPolling(poll, name, { ...deps, everyMs, wait }),
    // Mode monitor is only about what comes.
    settings.DARKROOM_MODE === 'combined' && keepSweeping({ ...deps, now: Date.now, wait }, record),
  ]);
}

/** Temporal may be away for a moment. */
async function untilTaken({ signal }: EngineImmichDeps, ask: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    const taken = await ask().then(
      () => true,
      () => false,
    );
    if (taken) return;
    await pause(retryMs, signal);
  }
}
