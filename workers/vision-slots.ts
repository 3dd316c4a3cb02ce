import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import type { Permit, Permits } from '../adapters/vision-pool/slot-permits.ts';

export type VisionSlots = CustomSlotSupplier<ActivitySlotInfo>;

/** A permit as Temporal holds it. `settled` ends our watch over a reservation that Temporal may still drop. */
interface HeldPermit {
  readonly permit: Permit;
  readonly settled: AbortController;
}

/**
 * The pool of vision hosts as the slots of a worker: a worker polls only while it holds a slot, so a task is asked for
 * exactly when a host is free. All hosts off: nobody polls, tasks wait on the server with their priority, no attempt is
 * burnt. Give the worker at least as many pollers as the pool has slots.
 */
export function createVisionSlots({ permits }: { permits: Permits }): VisionSlots {
  const held = new WeakMap<SlotPermit, HeldPermit>();
  return {
    type: 'custom',
    async reserveSlot(_context, abortSignal) {
      const permit = await permits.reserve(abortSignal);
      const slot: SlotPermit = {};
      const settled = new AbortController();
      held.set(slot, { permit, settled });
      // A reservation that Temporal drops in the moment of the grant is aborted and never released: at a stop the permit
      // that one poller gives back goes to the next one, which is gone already (seen at every stop with SDK 1.24).
      const giveBack = () => permits.release(permit);
      abortSignal.addEventListener('abort', giveBack, { once: true, signal: settled.signal });
      if (abortSignal.aborted) giveBack();
      return slot;
    },
    // Eager tasks come with a workflow's answer instead of a poll: they would overtake the server's order of priority.
    tryReserveSlot: () => null,
    markSlotUsed: ({ permit: slot }) => held.get(slot)?.settled.abort(),
    releaseSlot({ permit: slot }) {
      const mine = held.get(slot);
      if (mine === undefined) return;
      mine.settled.abort();
      permits.release(mine.permit);
    },
  };
}
