import type { HeldLease, HostLeases, Lease } from '../../domain/host-ports.ts';
import { type CallEnds, usageOf } from './call-ends.ts';
import { type Entry, isIdle, type RunningCall } from './entry.ts';
import { isOnTrial } from './host-health.ts';
import type { HostList } from './host-list.ts';
import { createTakenHosts } from './taken-hosts.ts';

/** A slot of ours that a photo has; where hosts are shared it is not yet certain that the host has one too. */
export interface Booking {
  readonly entry: Entry;
  readonly call: RunningCall;
}

export interface Bookings {
  /** Slots that photos have. */
  leased(): number;
  book(entry: Entry, about: { photo: string; alone: boolean }): Booking;
  /** Undefined where other workers have all slots of the host; then the booking is gone. Throws DatabaseUnavailable. */
  lease(booking: Booking): Promise<Lease | undefined>;
  /** Sends a picture of ours to a host on trial, unless it has something to do. Its answer makes the host well. */
  tryOut(entry: Entry): void;
  /** Calls in flight of ours to hosts on trial are broken off. */
  close(): void;
}

interface Deps {
  readonly canary: (host: string, model: string, signal: AbortSignal) => Promise<void>;
  readonly leases?: HostLeases | undefined;
  readonly now: () => number;
  readonly list: HostList;
  readonly ends: CallEnds;
  /** A photo's call ended. */
  readonly onEnd: () => void;
  readonly onChange: () => void;
}

/** Who has which slot. */
export function createBookings(deps: Deps): Bookings {
  const { now, list, leases, ends, onChange } = deps;
  const closing = new AbortController();
  const taken = createTakenHosts({ leases, onChange });
  let turn = 0;
  const begin = (entry: Entry, about: { photo: string | undefined; alone: boolean }): Booking => {
    entry.turn = ++turn;
    return { entry, call: beginCall(entry, about) };
  };
  /** `outcome` runs with the slot given back. */
  const finish = ({ entry, call }: Booking, outcome: () => void) => {
    entry.running.delete(call);
    entry.shared.running.delete(call);
    outcome();
    list.forgetDrained();
    onChange();
  };
  return {
    leased: () => list.entries().reduce((sum, entry) => sum + photosOn(entry), 0),
    book: begin,
    async lease(booking) {
      const { entry } = booking;
      const { label: host, slots } = entry.host;
      try {
        const held = await leases?.take({ host, model: entry.tag, slots });
        if (leases === undefined || held !== undefined) {
          entry.shared.budget.begun(now());
          return leaseOf(booking, held, { ...deps, finish, recheck: () => taken.recheck(entry) });
        }
      } catch (error) {
        finish(booking, () => undefined);
        throw error;
      }
      finish(booking, () => taken.note(entry));
      return undefined;
    },
    tryOut(entry) {
      if (!isIdle(entry, now()) || closing.signal.aborted) return;
      const booking = begin(entry, { photo: undefined, alone: false });
      entry.shared.budget.begun(now());
      const work = async () => {
        try {
          await deps.canary(entry.host.label, entry.tag, closing.signal);
          finish(booking, () => ends.answered(entry, booking.call));
        } catch (error) {
          finish(booking, () => ends.failed(entry, booking.call, error));
        }
      };
      void work();
    },
    close() {
      closing.abort();
      taken.close();
    },
  };
}

const photosOn = ({ running }: Entry): number => [...running].filter(({ photo }) => photo !== undefined).length;

/** Notes on both sides which calls ran beside each other on one host, whatever their model. */
function beginCall(entry: Entry, { photo, alone }: { photo: string | undefined; alone: boolean }): RunningCall {
  const { running } = entry.shared;
  for (const other of running) other.together = true;
  const call = { photo, alone, proven: entry.proven && !isOnTrial(entry.health), together: running.size > 0 };
  running.add(call);
  entry.running.add(call);
  return call;
}

interface Ending {
  readonly ends: CallEnds;
  readonly now: () => number;
  readonly onEnd: () => void;
  readonly finish: (booking: Booking, outcome: () => void) => void;
  /** A slot of a host was given back: one that others had taken may have room. */
  readonly recheck: () => void;
}

function leaseOf(booking: Booking, held: HeldLease | undefined, { ends, now, onEnd, finish, recheck }: Ending): Lease {
  const { entry, call } = booking;
  let over = false;
  const end = (outcome: () => void) => {
    if (over) return;
    over = true;
    void held?.giveBack().then(recheck);
    onEnd();
    finish(booking, outcome);
  };
  const spent = ({ promptTokens = 0, answerTokens = 0 }: { promptTokens?: number; answerTokens?: number }) =>
    entry.shared.budget.spent(promptTokens + answerTokens, now());
  return {
    host: entry.host.label,
    model: entry.tag,
    canonical: entry.canonical,
    answered(description) {
      end(() => {
        spent(description);
        ends.answered(entry, call);
      });
    },
    failed(error) {
      let thrown = error;
      end(() => {
        spent(usageOf(error));
        thrown = ends.failed(entry, call, error);
      });
      return thrown;
    },
  };
}
