import type { VisionPool } from '../../adapters/vision-pool/pool.ts';
import { type Try, triesUntilParked } from '../../domain/description.ts';
import { isDomainError, PermanentError, TransientError } from '../../domain/errors.ts';
import type { Lease } from '../../domain/host-ports.ts';
import { asking, pass } from './pool-play.ts';

/** What a host does with one call. */
export type HostAct = 'answer' | 'empty' | 'fail' | 'break' | 'busy' | 'gone';

export interface PhotoEnd {
  readonly photo: string;
  readonly tries: readonly Try[];
  readonly end: 'described' | 'parked';
}

interface Task {
  readonly photo: string;
  readonly tries: Try[];
  attempt: number;
  readyAt: number;
}

export interface WorkPlay {
  readonly pool: VisionPool;
  readonly photos: readonly string[];
  /** Asked at the end of each call. */
  readonly act: (host: string, photo: string) => HostAct;
  /** Looked at whenever nothing moves. */
  readonly check: (about: { waiting: number; polling: number }) => void;
  readonly pollers: number;
  readonly callMs: number;
}

const faults: Readonly<Record<Exclude<HostAct, 'answer'>, (host: string) => Error>> = {
  empty: (host) => new PermanentError('EmptyAnswer', 'nothing', { host }),
  fail: () => new TransientError('HostFailed', 'the runner has unexpectedly stopped'),
  break: () => new TransientError('HostBroke', 'connection reset'),
  busy: () => new TransientError('HostBusy', 'busy', { retryAfterMs: 7_000 }),
  gone: () => new TransientError('HostUnreachable', 'connection refused'),
};

/** As the server does it: a failed attempt comes back after a pause (workers/failures.ts). */
const pauseAfter = (error: TransientError, attempt: number): number =>
  error.code === 'NoHost' ? ([5_000, 15_000][attempt - 1] ?? 60_000) : 1_000;

/**
 * Plays server, worker and workflows over a pool, with time stopped: a backlog in order, pollers that hold permits, content
 * faults counted per photo. Returns how every photo ended, or fails after `limitMs` of played time.
 */
export async function playWork(play: WorkPlay, limitMs = 4 * 3_600_000): Promise<readonly PhotoEnd[]> {
  const { pool, photos, check, pollers } = play;
  const backlog: Task[] = photos.map((photo) => ({ photo, tries: [], attempt: 1, readyAt: 0 }));
  const ends: PhotoEnd[] = [];
  const over = new AbortController();
  /** Pollers that hold a permit and were given no task yet. */
  const polling: ((task: Task) => void)[] = [];
  const due = () => backlog.filter(({ readyAt }) => readyAt <= Date.now());
  const handOut = () => {
    for (const task of due()) {
      const poller = polling.shift();
      if (poller === undefined) return;
      backlog.splice(backlog.indexOf(task), 1);
      poller(task);
    }
  };
  const work = async () => {
    while (!over.signal.aborted) {
      const permit = await pool.permits.reserve(over.signal);
      const task = await new Promise<Task>((resolve) => {
        polling.push(resolve);
        handOut();
      });
      const end = await attempt(play, task);
      if (end === undefined) backlog.push(task);
      else ends.push(end);
      pool.permits.release(permit);
    }
  };
  for (let poller = 0; poller < pollers; poller += 1) void work().catch(() => undefined);
  for (let played = 0; ends.length < photos.length; played += 500) {
    if (played > limitMs) throw new Error(`not at an end: ${backlog.map(({ photo }) => photo).join(', ')}`);
    handOut();
    await pass(1);
    check({ waiting: due().length, polling: polling.length });
    await pass(499);
  }
  over.abort();
  return ends;
}

/** One attempt of the activity, and what the workflow makes of it; undefined where it comes back. */
async function attempt({ pool, act, callMs }: WorkPlay, task: Task): Promise<PhotoEnd | undefined> {
  const { photo, tries } = task;
  try {
    const lease = await pool.acquire(asking({ photo, exclude: tries.flatMap(({ host }) => host ?? []) }));
    await new Promise((resolve) => setTimeout(resolve, callMs));
    await end(lease, act(lease.host, photo));
    return { photo, tries, end: 'described' };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    if (error instanceof PermanentError) {
      tries.push({ code: error.code, ...(error.host !== undefined && { host: error.host }) });
      task.attempt = 1;
      return tries.length >= triesUntilParked ? { photo, tries, end: 'parked' } : undefined;
    }
    task.readyAt = Date.now() + (error instanceof TransientError ? pauseAfter(error, task.attempt) : 1_000);
    task.attempt += 1;
    return undefined;
  }
}

async function end(lease: Lease, act: HostAct): Promise<void> {
  if (act === 'answer') return lease.answered({});
  throw lease.failed(faults[act](lease.host));
}
