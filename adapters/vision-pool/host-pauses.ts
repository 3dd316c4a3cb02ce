import { heldInWords, holdingFor, type KeptFacts, type KeptPauses } from '../../domain/kept-pause.ts';
import type { Entry } from './entry.ts';
import type { PoolLog } from './host-watch.ts';
import type { PoolWords } from './words.ts';

/** A person who pauses a host wants it free now; a look costs a fifth of a millisecond. */
const everyMs = 1_000;

export interface HostPauses {
  /** Looks at once: before a host is asked for the first time. Never throws. */
  readonly read: () => Promise<void>;
  close(): void;
}

interface Deps {
  readonly pauses: Pick<KeptPauses, 'look'>;
  readonly entries: () => readonly Entry[];
  readonly log: PoolLog;
  readonly words: PoolWords;
  readonly now: () => number;
  readonly onChange: () => void;
  /** Somebody said that it may work again, whatever it asked for before. */
  readonly onResumed: (entry: Entry) => void;
}

const nothingKnown: KeptFacts = { pauses: [], resumed: new Map() };

/** Keeps each host's pause as the database has it. While that is away, what was known holds on, and ends at its time. */
export function keepReadingHostPauses({ pauses, entries, log, words, now, onChange, onResumed }: Deps): HostPauses {
  let known: KeptFacts | undefined;
  const read = async () => {
    const before = known;
    known = await pauses.look().catch(() => known);
    const changed = (known ?? nothingKnown).pauses;
    const isNews = holdBack(entries(), (host) => holdingFor(changed, { kind: 'host', name: host }, now()), {
      log,
      words,
      now,
    });
    // What was said before this process began is no news: rests that it lifted are gone.
    for (const entry of before === undefined ? [] : entries()) {
      const id = known?.resumed.get(entry.host.label);
      if (id !== undefined && id !== before?.resumed.get(entry.host.label)) onResumed(entry);
    }
    if (isNews) onChange();
  };
  const timer = setInterval(() => void read(), everyMs).unref();
  return { read, close: () => clearInterval(timer) };
}

/** True where one of them is another pause than before. */
function holdBack(
  entries: readonly Entry[],
  pauseOf: (host: string) => ReturnType<typeof holdingFor>,
  { log, words, now }: Pick<Deps, 'log' | 'words' | 'now'>,
): boolean {
  let isNews = false;
  for (const { host, shared } of entries) {
    const pause = pauseOf(host.label);
    if (pause?.id === shared.paused?.id) continue;
    // All entries of a host share it: one line.
    shared.paused = pause;
    isNews = true;
    if (pause === undefined) log.info({ host: host.label }, `${words.host} goes on after a pause`);
    else log.info({ host: host.label, reason: heldInWords(pause, now()) }, `${words.host} is paused`);
  }
  return isNews;
}
