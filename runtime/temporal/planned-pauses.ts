import type { Client } from '@temporalio/client';
import {
  dueAt,
  type PlannedPause,
  type PlannedPauseStore,
  type PlanVerdict,
  verdictOn,
} from '../../domain/planned-pause.ts';
import { createQueueLimits, type QueueLimits } from './queue-limits.ts';

/** Pauses that begin later. They are kept in the database, and become pauses of the Temporal server at their time. */
export interface PlannedPauses {
  look(): Promise<readonly PlannedPause[]>;
  /** Replaces the plans for these queues, and returns those that were there. */
  plan(plans: readonly PlannedPause[]): Promise<readonly PlannedPause[]>;
  /**
   * Forgets what is planned for these queues, and returns it. One that is carried out at this moment may be left as a pause:
   * whoever wants to go on drops first and resumes then.
   */
  drop(queues: readonly string[]): Promise<readonly PlannedPause[]>;
  /**
   * Begins the pauses that are due at `now`; says what was done with each of them. One that is not carried out yet because it
   * has to wait stays. Throws ServiceError where Temporal is away.
   */
  carryOut(now: number): Promise<readonly CarriedOut[]>;
}

export interface CarriedOut {
  readonly plan: PlannedPause;
  readonly verdict: PlanVerdict;
}

export interface PlannedPausesDeps {
  readonly client: Client;
  /** As for pauses, and under the same lock: a resume comes before the reading of a plan or after its pause. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  readonly plans: PlannedPauseStore;
  /** Milliseconds that one call may take. */
  readonly limitMs?: number;
}

export function createPlannedPauses({ client, exclusively, plans, limitMs = 5_000 }: PlannedPausesDeps): PlannedPauses {
  const limits = createQueueLimits(client, limitMs);
  return {
    look: () => plans.look(),
    plan: (wanted) => exclusively(() => plans.put(wanted)),
    drop: (queues) => plans.drop(queues),
    carryOut: (now) =>
      exclusively(async () => {
        const done: CarriedOut[] = [];
        for (const plan of dueAt(await plans.look(), now)) {
          const verdict = await carryOutOne(limits, plan, now);
          // Killed before this line it is done again: the pause that is there has the plan's id then, and nothing changes.
          if (verdict !== 'waits') await plans.done(plan);
          done.push({ plan, verdict });
        }
        return done;
      }),
  };
}

async function carryOutOne(limits: QueueLimits, plan: PlannedPause, now: number): Promise<PlanVerdict> {
  const { queue, force: _, ...pause } = plan;
  const state = await limits.now(queue);
  const verdict = verdictOn(plan, state.paused, now);
  if (verdict === 'pause') await limits.pause(state, pause);
  return verdict;
}
