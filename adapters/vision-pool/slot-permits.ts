/** The right to ask the server for one task. A count, not a place: which host it will be is decided when the task is there. */
export interface Permit {
  readonly permit: number;
}

export interface Permits {
  /** Waits until there is a free slot that nobody is polling for. Rejects with the reason of `signal`. First come, first served. */
  reserve(signal: AbortSignal): Promise<Permit>;
  tryReserve(): Permit | undefined;
  /** Giving the same permit back twice does nothing. */
  release(permit: Permit): void;
}

export interface PermitCounter extends Permits {
  /** The call of a task ended. What it does until it gives its permit back (saving, reporting) needs no slot. */
  callEnded(): void;
  /** Free slots or leases changed: see who can go on. */
  changed(): void;
}

interface Slots {
  /** Not those of hosts that are kept free for a photo. */
  readonly free: () => number;
  readonly leased: () => number;
  /** Tasks that wait for a host which is kept free for them. */
  readonly keptFree: () => number;
}

/**
 * Permits for the slots that `free()` counts. A permit whose task holds a lease, or has had it, wants no free slot any
 * more, and neither does one whose task waits for a host to be empty: those that do are the permits given out less the
 * leases taken, the hosts kept free and the calls ended. So the next task is asked for while the last one is still being
 * saved and reported.
 */
export function createPermits(pool: Slots): PermitCounter {
  const out = new Set<Permit>();
  const waiting = new Set<(permit: Permit) => void>();
  let last = 0;
  /** Calls that ended and whose permits are still out. Whose they are is not known: a permit that comes back takes one. */
  let ended = 0;
  const tryReserve = (): Permit | undefined => {
    if (pool.free() <= Math.max(0, out.size - pool.leased() - pool.keptFree() - ended)) return undefined;
    const permit = { permit: ++last };
    out.add(permit);
    return permit;
  };
  const changed = () => {
    for (const grant of waiting) {
      const permit = tryReserve();
      if (permit === undefined) return;
      waiting.delete(grant);
      grant(permit);
    }
  };
  return {
    changed,
    callEnded() {
      if (ended < out.size) ended += 1;
    },
    // Those who wait come first.
    tryReserve: () => (waiting.size === 0 ? tryReserve() : undefined),
    async reserve(signal) {
      signal.throwIfAborted();
      const permit = waiting.size === 0 ? tryReserve() : undefined;
      if (permit !== undefined) return permit;
      return await new Promise<Permit>((resolve, reject) => {
        const grant = (granted: Permit) => {
          signal.removeEventListener('abort', leave);
          resolve(granted);
        };
        const leave = () => {
          waiting.delete(grant);
          // oxlint-disable-next-line prefer-promise-reject-errors -- Temporal wants the signal's own reason back
          reject(signal.reason);
        };
        waiting.add(grant);
        signal.addEventListener('abort', leave, { once: true });
      });
    },
    release(permit) {
      if (!out.delete(permit)) return;
      ended = Math.max(0, ended - 1);
      changed();
    },
  };
}
