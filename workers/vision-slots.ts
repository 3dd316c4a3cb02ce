import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import type { Permit, Permits } from '../adapters/slot-permits.ts';

export type VisionSlots = CustomSlotSupplier<ActivitySlotInfo>;

/**
 * The pool of vision hosts as the slots of a worker: a worker polls only while it holds a slot, so a task is asked for
 * exactly when a host is free. All hosts off: nobody polls, tasks wait on the server with their priority, no attempt is
 * burnt. Give the worker as many pollers as the pool has slots, or more.
 */
export function createVisionSlots({ permits }: { permits: Permits }): VisionSlots {
  const out = new WeakMap<SlotPermit, Permit>();
  return {
    type: 'custom',
    async reserveSlot(_context, abortSignal) {
      const permit = await permits.reserve(abortSignal);
      const slot: SlotPermit = {};
      out.set(slot, permit);
      return slot;
    },
    // Eager tasks come with a workflow's answer instead of a poll: they would overtake the server's order of priority.
    tryReserveSlot: () => null,
    markSlotUsed() {},
    releaseSlot({ permit: slot }) {
      const permit = out.get(slot);
      if (permit !== undefined) permits.release(permit);
    },
  };
}
