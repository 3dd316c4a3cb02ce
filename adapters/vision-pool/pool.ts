import { TransientError } from '../../domain/errors.ts';
import type { KeptPauses } from '../../domain/kept-pause.ts';
import type { AcquireInput, HostLeases, HostMemory, HostPool, Lease } from '../../domain/host-ports.ts';
import type { RoleModels } from '../../domain/vision-host.ts';
import { type Booking, createBookings } from './bookings.ts';
import { createCallEnds } from './call-ends.ts';
import { choose } from './choose.ts';
import { activeEntries, type Entry, freeSlots, needsCanary, type PooledHost } from './entry.ts';
import { type HealthTiming, healthTiming } from './host-health.ts';
import { createHostList } from './host-list.ts';
import { type HostPauses, keepReadingHostPauses } from './host-pauses.ts';
import { type PoolLog, watchHosts, type WatchDeps } from './host-watch.ts';
import { reasonToWait, statusOf } from './pool-status.ts';
import { createPermits, type Permits } from './slot-permits.ts';
import { keepReadingSpentTokens } from './spent-tokens.ts';
import { createSuspects } from './suspects.ts';
import { createWaitingTasks } from './waiting-tasks.ts';
import { createWakeUp } from './wake-up.ts';
import { type PoolWords, visionWords } from './words.ts';

export interface VisionPoolDeps {
  readonly hosts: readonly PooledHost[];
  readonly roleModels: RoleModels;
  readonly vision: WatchDeps['vision'];
  readonly preload?: WatchDeps['preload'];
  /** Sends a picture of ours, to see whether a host works that no photo but the one that made it fail is there for. */
  readonly canary: (host: string, model: string, signal: AbortSignal) => Promise<void>;
  /** Where several workers share hosts: slots are taken there too. */
  readonly leases?: HostLeases | undefined;
  readonly memory?: HostMemory | undefined;
  /** Hosts that a person has paused. */
  readonly pauses?: Pick<KeptPauses, 'look'> | undefined;
  readonly log: PoolLog;
  /** Vision hosts unless it is said. */
  readonly words?: PoolWords;
  readonly now?: () => number;
  /** In [0, 1), for spreading pauses. */
  readonly random?: () => number;
  readonly timing?: Partial<HealthTiming>;
}

export interface VisionPool extends HostPool {
  readonly permits: Permits;
  /** These are the hosts from now on: new ones are asked at once, missing ones finish what they have. */
  update(hosts: readonly PooledHost[]): void;
  /** Undefined while a host can work, or while one was not asked yet; else why none can, and what to do, in words. */
  waitingFor(): string | undefined;
  /** Stops asking hosts. Leases and permits may still be given back. */
  close(): void;
}

/** A host may die between a worker's permit and its lease; then the task waits this long for another one. */
const leaseWaitMs = 5_000;

/** All hosts as one supply of slots. Begins to ask the hosts at once; `close` ends that. */
export function createVisionPool(deps: VisionPoolDeps): VisionPool {
  const { roleModels, log, words = visionWords, memory, now = Date.now, random = Math.random } = deps;
  const timing = { ...healthTiming, ...deps.timing };
  const suspects = createSuspects();
  const tasks = createWaitingTasks<Booking>();
  const watch = watchHosts({ ...deps, words, now, random, timing, onChange: () => changed() });
  const entries = (): readonly Entry[] => list.entries();
  const pauses = hostPauses(deps, { entries, words, now, onChange: () => changed(), onResumed: watch.askNow });
  const readPauses = pauses?.read;
  const list = createHostList({ roleModels, watch, memory, readPauses, log, now, onChange: () => changed() });
  const free = () => activeEntries(entries(), now()).reduce((sum, entry) => sum + freeSlots(entry, now()), 0);
  const permits = createPermits({ free, leased: () => bookings.leased(), keptFree: () => hostsKeptFree(entries()) });
  const ends = createCallEnds({ watch, suspects, memory, log, now });
  const bookings = createBookings({
    ...deps,
    now,
    list,
    ends,
    onEnd: () => permits.callEnded(),
    onChange: () => changed(),
  });
  const wakeUp = createWakeUp({ entries, now, look: () => changed() });
  /** Tasks that are here already go before those that are still to be asked for. */
  const changed = () => {
    for (const entry of entries()) if (needsCanary(entry)) bookings.tryOut(entry);
    tasks.look();
    permits.changed();
    wakeUp.plan();
  };
  const spentTokens =
    memory === undefined ? undefined : keepReadingSpentTokens({ memory, now, entries, onChange: () => changed() });
  const waitingFor = () => reasonToWait(entries(), words, now());
  const serves = (models: readonly string[]) =>
    entries().some(({ canonical, draining }) => !draining && models.includes(canonical));
  const noHost = ({ models }: AcquireInput) => {
    const busy = `every ${words.host} that this photo may go to is busy`;
    const nobody = `no ${words.host} is set up with ${models.join(' or ')}; ${words.setUp}`;
    return new TransientError('NoHost', serves(models) ? (waitingFor() ?? busy) : nobody);
  };

  /** One host at a time. What was kept free before is for others now, and so is the slot that the photo's permit was given out for. */
  const keepFree = ({ shared }: Entry, photo: string) => {
    if (shared.reservedFor === photo) return;
    release(entries(), photo);
    shared.reservedFor = photo;
    // Not at once: this may be part of a look at all tasks.
    queueMicrotask(changed);
  };
  /** A slot of ours, if there is one now; throws NoHost where what is free cannot serve this photo. */
  const book = (input: AcquireInput, alone: boolean): Booking | undefined => {
    const { take, emptyFirst, trials } = choose(entries(), input, { alone, now: now() });
    if (take !== undefined) {
      release(entries(), input.photo);
      return bookings.book(take, { photo: input.photo, alone });
    }
    for (const entry of trials) bookings.tryOut(entry);
    if (emptyFirst !== undefined) keepFree(emptyFirst, input.photo);
    else if (alone || free() > 0) throw noHost(input);
    return undefined;
  };
  const wait = async (input: AcquireInput, alone: boolean, until: number): Promise<Booking> => {
    const limit = alone ? {} : { limitMs: Math.max(0, until - now()) };
    const take = () => book(input, alone);
    return await tasks.wait({ take, signal: input.signal, tooLate: () => noHost(input), ...limit });
  };
  const acquire = async (input: AcquireInput): Promise<Lease> => {
    const until = now() + leaseWaitMs;
    const alone = suspects.mustBeAlone(input.photo);
    try {
      for (;;) {
        input.signal.throwIfAborted();
        const lease = await bookings.lease(book(input, alone) ?? (await wait(input, alone, until)));
        if (lease !== undefined) return lease;
      }
    } finally {
      // Whatever came of it, nothing stays reserved.
      if (alone) {
        release(entries(), input.photo);
        changed();
      }
    }
  };
  list.update(deps.hosts);
  return {
    permits,
    waitingFor,
    update: (hosts) => list.update(hosts),
    close() {
      watch.close();
      bookings.close();
      wakeUp.close();
      spentTokens?.close();
      pauses?.close();
    },
    acquire,
    serves,
    status() {
      const active = activeEntries(entries(), now());
      return entries().map((entry) => statusOf(entry, active.includes(entry), now()));
    },
  };
}

const hostPauses = (
  { pauses, log }: Pick<VisionPoolDeps, 'pauses' | 'log'>,
  about: Omit<Parameters<typeof keepReadingHostPauses>[0], 'pauses' | 'log'>,
): HostPauses | undefined => (pauses === undefined ? undefined : keepReadingHostPauses({ pauses, log, ...about }));

function release(entries: readonly Entry[], photo: string): void {
  for (const { shared } of entries) if (shared.reservedFor === photo) shared.reservedFor = undefined;
}

/** How many photos have one: each has one host at most. */
const hostsKeptFree = (entries: readonly Entry[]): number =>
  new Set(entries.flatMap(({ shared }) => shared.reservedFor ?? [])).size;
