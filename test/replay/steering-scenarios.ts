import { once } from 'node:events';
import { Context } from '@temporalio/activity';
import type { StartPageInput, StartPageResult } from '../../domain/contract.ts';
import { TransientError } from '../../domain/errors.ts';
import type { Scenario } from './scenarios.ts';

const page = { seen: 10, started: 4, skipped: 5, unsupported: 1, underWay: 0, parked: 0, problems: [] };

type Tell = (name: string, input?: unknown) => Promise<void>;

/** Two pages; in the second one a person steers, which cuts it short, and it is done again when the person lets go. */
const steered =
  (steer: (tell: Tell) => Promise<void>): Scenario =>
  (tell) => {
    let isSteered = false;
    const startPage = async ({ cursor }: StartPageInput): Promise<StartPageResult> => {
      if (cursor === undefined) return { ...page, next: '1' };
      if (isSteered) return page;
      isSteered = true;
      await steer(tell);
      const { cancellationSignal, heartbeat } = Context.current();
      const timer = setInterval(() => heartbeat(), 100);
      if (!cancellationSignal.aborted) await once(cancellationSignal, 'abort');
      clearInterval(timer);
      return { ...page, seen: 0, skipped: 0, unsupported: 0, started: 2, next: '1', cut: true };
    };
    return { startPage };
  };

const later = (tell: Tell, ms: number, name: string) => void setTimeout(() => void tell(name), ms);

export const steeringScenarios: Readonly<Record<string, Scenario>> = {
  'paused-and-resumed': steered(async (tell) => {
    await tell('pause', { reason: 'guests are here' });
    later(tell, 500, 'resume');
  }),
  'paused-for-a-second': steered((tell) => tell('pause', { reason: 'for a moment', for: '1s' })),
  'paused-and-cancelled': steered(async (tell) => {
    await tell('pause', { reason: 'guests are here', for: '1h' });
    later(tell, 500, 'cancel');
  }),
  prioritized: steered((tell) => tell('prioritize', { priority: 1 })),
  'wished-for-at-the-end': (tell) => {
    let times = 0;
    return {
      startPage: async () => page,
      keepBackfill: async () => {
        times += 1;
        // The workflow's own two tries; the third one is a step of a queue, and takes as long as it takes.
        if (times <= 2) throw new TransientError('DatabaseUnavailable', 'The database does not answer.');
        if (times === 3) await tell('rescan');
      },
    };
  },
  'another-window': steered((tell) => tell('setWindow', { window: 7 })),
};
