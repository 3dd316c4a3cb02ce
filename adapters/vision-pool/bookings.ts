import type { HeldLease, HostLeases, Lease } from '../../domain/ports.ts';
import type { CallEnds } from './call-ends.ts';
import { type Entry, isIdle, type RunningCall } from './entry.ts';
import { isOnTrial } from './host-health.ts';
import type { HostList } from './host-list.ts';

/** A slot of ours that a photo has; where hosts are shared it is not yet certain that the host has one too. */
export interface Booking {
  readonly entry: Entry;
  readonly call: RunningCall;
}

export interface Bookings {
  /** Slots that photos have. */
  leased(): number;
  book(entry: Entry, photo: string): Booking;
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

/** Slots of a host that other workers hold are asked for again after this long. */
const takenMs = 1_000;

/** Who has which slot. */
export function createBookings(deps: Deps): Bookings {
  const { now, list, leases, ends, onChange } = deps;
  const closing = new AbortController();
  let turn = 0;
  const begin = (entry: Entry, photo: string | undefined): Booking => {
    const call = beginCall(list.entries(), entry, photo);
    entry.turn = ++turn;
    entry.budget.begun(now());
    return { entry, call };
  };
  /** `outcome` runs once, with the slot given back. */
  const finish = (booking: Booking, outcome: () => void) => {
    booking.entry.running.delete(booking.call);
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
        if (leases === undefined || held !== undefined) return leaseOf(booking, held, { ...deps, finish });
      } catch (error) {
        finish(booking, () => undefined);
        throw error;
      }
      finish(booking, () => void (entry.takenUntil = now() + takenMs));
      return undefined;
    },
    tryOut(entry) {
      if (!isIdle(entry, now()) || closing.signal.aborted) return;
      const booking = begin(entry, undefined);
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
    close: () => closing.abort(),
  };
}

const photosOn = ({ running }: Entry): number => [...running].filter(({ photo }) => photo !== undefined).length;

/** Notes on both sides which calls ran beside each other on one host, whatever their model. */
function beginCall(entries: readonly Entry[], entry: Entry, photo: string | undefined): RunningCall {
  const beside = entries.filter(({ host }) => host.label === entry.host.label).flatMap(({ running }) => [...running]);
  for (const other of beside) other.together = true;
  const call = { photo, proven: entry.proven && !isOnTrial(entry.health), together: beside.length > 0 };
  entry.running.add(call);
  if (entry.reservedFor === photo) entry.reservedFor = undefined;
  return call;
}

function leaseOf(
  booking: Booking,
  held: HeldLease | undefined,
  { ends, now, onEnd, finish }: Deps & { finish: (booking: Booking, outcome: () => void) => void },
): Lease {
  const { entry, call } = booking;
  let over = false;
  const end = (outcome: () => void) => {
    if (over) return;
    over = true;
    void held?.giveBack();
    onEnd();
    finish(booking, outcome);
  };
  return {
    host: entry.host.label,
    model: entry.tag,
    canonical: entry.canonical,
    answered({ promptTokens = 0, answerTokens = 0 }) {
      end(() => {
        entry.budget.spent(promptTokens + answerTokens, now());
        ends.answered(entry, call);
      });
    },
    failed(error) {
      let thrown = error;
      end(() => void (thrown = ends.failed(entry, call, error)));
      return thrown;
    },
  };
}
