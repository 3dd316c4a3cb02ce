import { ActivityCancellationDetails, type ActivityCancellationDetailsOptions } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

export interface Attempt {
  readonly run: <I, O>(step: (input: I) => Promise<O>, input: I) => Promise<O>;
  /** Temporal tells it something about its end. */
  readonly told: (details: ActivityCancellationDetailsOptions) => void;
}

/** One attempt of one step, as a worker makes it. */
export function attempt(): Attempt {
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  return {
    async run<I, O>(step: (input: I) => Promise<O>, input: I) {
      const answers: { answer: O }[] = [];
      await environment.run(async () => void answers.push({ answer: await step(input) }));
      const [first] = answers;
      if (first === undefined) throw new Error('the step has not run');
      return first.answer;
    },
    told: (details) => environment.cancel('CANCELLED', new ActivityCancellationDetails(details)),
  };
}
