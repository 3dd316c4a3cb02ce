import type { Database } from './connection.ts';
import { type HeldSlot, renewSlots } from './lease-statements.ts';

export interface LeaseLog {
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
}

export interface Renewals {
  /** A lease was taken: see to it that it is renewed. */
  start(): void;
  close(): void;
}

interface RenewalDeps {
  readonly database: Database;
  /** By holder. What turns out to be lost is taken out. */
  readonly held: Map<string, HeldSlot>;
  readonly log?: LeaseLog | undefined;
  readonly ttlMs: number;
  readonly renewMs: number;
}

/** Of the time between renewals: how soon one that failed is tried again, so that a lease of 30 s survives an outage of 20 s. */
const soonerAfterFailure = 0.2;

/** One timer and one statement for all leases of the process; no timer while there are none. */
export function createRenewals({ database, held, log, ttlMs, renewMs }: RenewalDeps): Renewals {
  let timer: NodeJS.Timeout | undefined;
  let failing = false;
  let closed = false;

  const plan = (ms: number) => {
    timer = closed ? undefined : setTimeout(() => void turn(), ms).unref();
  };
  const turn = async () => {
    if (held.size === 0) {
      timer = undefined;
      return;
    }
    try {
      await renewAll();
      if (failing) log?.info({}, 'the slots of shared hosts are renewed again');
      failing = false;
    } catch (error) {
      if (!failing && !closed)
        log?.warn({ reason: wordsOf(error) }, 'cannot renew the slots of shared hosts; calls go on');
      failing = true;
    }
    plan(failing ? renewMs * soonerAfterFailure : renewMs);
  };
  const renewAll = async (): Promise<void> => {
    const asked = [...held.values()];
    const ours = await renewSlots(database, asked, ttlMs);
    for (const { host, model, slot, holder } of asked) {
      // What was given back meanwhile is not lost.
      if (ours.has(holder) || !held.delete(holder)) continue;
      log?.warn({ host, model, slot }, 'lost the slot of a shared host to another worker; the call goes on beside its');
    }
  };

  return {
    start() {
      if (timer === undefined) plan(renewMs);
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
