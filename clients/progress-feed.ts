import { setTimeout as sleep } from 'node:timers/promises';
import { type KnownPauses, knownPauses, type PauseSources } from './known-pauses.ts';
import type { Opened } from './open.ts';
import { librariesNow } from './progress-report.ts';
import { recentPerMinute } from './recent-rate.ts';

/** Where everything stands, as often as it changes. */
export interface ProgressFeed {
  /** Undefined where as many listen as may. Ends with the signal, which has to come. */
  listen(signal: AbortSignal): AsyncGenerator<ProgressEvent | 'heartbeat'> | undefined;
  readonly listeners: () => number;
}

export type ProgressEvent =
  | { readonly event: 'progress'; readonly data: ProgressNow }
  /** Why nothing can be told now, in words. */
  | { readonly event: 'trouble'; readonly data: { readonly trouble: string } };

export interface ProgressNow {
  readonly libraries: readonly {
    readonly name: string;
    readonly counts: Readonly<Record<string, number>>;
    readonly scanning: boolean;
    readonly inFolder?: number | undefined;
    readonly eta?: { readonly ms: number; readonly hosts: number; readonly unmeasured: number } | undefined;
  }[];
  readonly perMinute: number;
  /** What begins nothing now, and why; one line each. */
  readonly pauses: KnownPauses['lines'];
}

export interface FeedOptions {
  readonly look: () => Promise<ProgressNow>;
  readonly most?: number;
  readonly everyMs?: number;
  readonly heartbeatMs?: number;
}

/** Counting costs more the larger libraries are: it may take a twentieth of the time, however many listen. */
const idleShare = 20;

export function createProgressFeed({
  look,
  most = 16,
  everyMs = 1_000,
  heartbeatMs = 15_000,
}: FeedOptions): ProgressFeed {
  const open = new Set<AbortSignal>();
  const latest = shared(look, everyMs);
  async function* events(signal: AbortSignal): AsyncGenerator<ProgressEvent | 'heartbeat'> {
    let [said, saidAt] = ['', Date.now()];
    while (!signal.aborted) {
      const event = await latest();
      const text = JSON.stringify(event);
      if (text !== said || Date.now() - saidAt >= heartbeatMs) {
        yield text === said ? 'heartbeat' : event;
        [said, saidAt] = [text, Date.now()];
      }
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return {
    listen(signal) {
      if (open.size >= most) return undefined;
      open.add(signal);
      // By the signal, not by the generator's end: one that was never begun has none.
      const leave = () => void open.delete(signal);
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) leave();
      return events(signal);
    },
    listeners: () => open.size,
  };
}

function shared(look: () => Promise<ProgressNow>, everyMs: number): () => Promise<ProgressEvent> {
  let until = 0;
  let last: Promise<ProgressEvent> | undefined;
  const lookNow = async (): Promise<ProgressEvent> => {
    const began = Date.now();
    try {
      return { event: 'progress', data: await look() };
    } catch (error) {
      return { event: 'trouble', data: { trouble: error instanceof Error ? error.message : String(error) } };
    } finally {
      until = Date.now() + Math.max(everyMs, (Date.now() - began) * idleShare);
    }
  };
  return () => {
    if (last === undefined || Date.now() >= until) {
      until = Number.POSITIVE_INFINITY;
      last = lookNow();
    }
    return last;
  };
}

interface Sources extends PauseSources, Pick<Opened, 'facts'> {
  readonly queries: Pick<Opened['queries'], 'counts' | 'recentRate'>;
}

export async function progressNow(opened: Sources): Promise<ProgressNow> {
  const [libraries, perMinute, { lines }] = await Promise.all([
    librariesNow(opened),
    recentPerMinute(opened.queries),
    knownPauses(opened),
  ]);
  return {
    libraries: libraries.map(({ name, counts, scanning, inFolder, eta }) => ({
      name,
      counts,
      scanning,
      inFolder,
      eta,
    })),
    perMinute: Math.round(perMinute * 10) / 10,
    pauses: lines,
  };
}
