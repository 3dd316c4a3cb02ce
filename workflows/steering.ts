import { CancellationScope, condition, setHandler } from '@temporalio/workflow';
import { pauseFrom, priorityFrom, reasonFrom, type Steering, windowFrom } from '../domain/backfill.ts';
import { cancelSignal, pauseSignal, prioritizeSignal, resumeSignal, setWindowUpdate } from './messages.ts';

/** A person's hands on a backfill that runs. */
export interface Wheel {
  readonly now: () => Steering;
  /** Waits until nobody wants it paused. */
  whenOn(): Promise<void>;
  /** Does the work, and cancels it when somebody steers. Undefined where it ended so without an answer. */
  untilSteered<T>(work: () => Promise<T>): Promise<T | undefined>;
}

/** What a person sent and nobody can make sense of; shown with what could not be looked at. */
export type Complain = (problem: string) => void;

export function takeTheWheel(begin: Steering, complain: Complain): Wheel {
  let steering = begin;
  let scope: CancellationScope | undefined;
  const steer = (next: Steering) => {
    steering = next;
    scope?.cancel();
  };
  setHandler(pauseSignal, (input) => steer({ ...steering, pause: pauseFrom(input, Date.now()) }), {
    description:
      'Start nothing more until resume. Input: {"reason": "why", "for": "2h"}, or "until" with a time and its zone',
  });
  setHandler(resumeSignal, () => steer(withoutPause(steering)), { description: 'Go on after a pause' });
  setHandler(cancelSignal, (input) => steer({ ...steering, cancelled: { reason: reasonFrom(input) } }), {
    description: 'Start nothing more and end; photos that are under way end by themselves. Input: {"reason": "why"}',
  });
  setHandler(
    prioritizeSignal,
    (input) => {
      const priority = priorityFrom(input);
      if (priority === undefined) complain('prioritize wants a number from 1 to 5, or now, new, normal or last');
      else steer({ ...steering, priority });
    },
    { description: 'The place in the line of what is started from now on. Input: {"priority": 1}, 1 is first, 5 last' },
  );
  setHandler(
    setWindowUpdate,
    (input) => {
      const window = windowFrom(input);
      if (window !== undefined) steer({ ...steering, window });
      return steering;
    },
    {
      description: 'How many photos may be under way at once. Input: {"window": 64}',
      validator(input) {
        if (windowFrom(input) === undefined) throw new Error('window is a whole number from 1 to 2000');
      },
    },
  );

  return {
    now: () => steering,
    async whenOn() {
      while (steering.pause !== undefined && steering.cancelled === undefined) {
        const { pause } = steering;
        const isSteered = () => steering.pause !== pause || steering.cancelled !== undefined;
        // The end of a pause lifts this pause and no newer one.
        if (pause.until === undefined) await condition(isSteered);
        else if (!(await condition(isSteered, Math.max(1, pause.until - Date.now()))))
          steering = withoutPause(steering);
      }
    },
    async untilSteered(work) {
      const mine = new CancellationScope();
      scope = mine;
      try {
        return await mine.run(work);
      } catch (error) {
        // Told to end, it may end in any way: the server does not try an attempt again whose worker dies then. Where the whole run
        // is cancelled it ends, too.
        if (mine.consideredCancelled && !CancellationScope.current().consideredCancelled) return undefined;
        throw error;
      } finally {
        scope = undefined;
      }
    },
  };
}

const withoutPause = ({ window, priority, cancelled }: Steering): Steering => ({
  window,
  priority,
  ...(cancelled !== undefined && { cancelled }),
});
