import type { HostLeases } from '../../domain/host-ports.ts';
import type { Entry } from './entry.ts';

export interface TakenHosts {
  /** Other workers have all of its slots: it gives none until there is room again. */
  note(entry: Entry): void;
  /** Looks at once instead of a second later, where it is noted at all. */
  recheck(entry: Entry): void;
  close(): void;
}

/** Another worker's call takes seconds; a look costs a fifth of a millisecond. */
const lookEveryMs = 1_000;

/**
 * Hosts whose slots other workers hold. They are looked at before a task is asked for: a worker that took a task first and
 * found no slot then would send it back to the server, every few seconds, for as long as the others are busy.
 */
export function createTakenHosts(deps: { leases: HostLeases | undefined; onChange: () => void }): TakenHosts {
  const { leases, onChange } = deps;
  const timers = new Map<Entry, NodeJS.Timeout>();
  const plan = (entry: Entry) => {
    clearTimeout(timers.get(entry));
    timers.set(
      entry,
      setTimeout(() => void look(entry), lookEveryMs),
    );
  };
  const look = async (entry: Entry) => {
    const { label: host, slots } = entry.host;
    // A database that is away is no reason to hold a host back: taking the slot will say so.
    const room = await leases?.hasRoom({ host, model: entry.tag, slots }).catch(() => true);
    if (!timers.has(entry)) return;
    if (room === false) return plan(entry);
    timers.delete(entry);
    entry.taken = false;
    onChange();
  };
  return {
    note(entry) {
      entry.taken = true;
      plan(entry);
    },
    recheck(entry) {
      if (!timers.has(entry)) return;
      clearTimeout(timers.get(entry));
      void look(entry);
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
