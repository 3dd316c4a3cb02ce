import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { activityInfo } from '@temporalio/activity';
import { ConfigError, faultClass, isDomainError, PermanentError, type TransientError } from '../domain/errors.ts';

/** While nothing can serve, a task goes back to the server's backlog; it comes back after 5, 15, then 60 s. */
const noHostDelaysMs = [5_000, 15_000, 60_000] as const;
/** A wrong setting is fixed by a person; looking once a minute is often enough. */
const configDelayMs = 60_000;
/** The pool keeps a host that failed closed, for as long as it asked for. The photo goes to the next one. */
const otherHostDelayMs = 1_000;
const aboutOneHost: ReadonlySet<string> = new Set(['BadRequest', 'ModelCannotSee', 'Unauthorized']);

/**
 * The only place that turns domain errors into Temporal's. The code becomes the failure's type, so that a workflow can
 * tell faults apart and a person can search for them. BENIGN keeps waits out of error logs and failure metrics.
 */
function toFailure(error: unknown, attempt: number): unknown {
  if (!isDomainError(error)) return error;
  const { message, code } = error;
  if (error instanceof PermanentError) {
    return ApplicationFailure.create({
      message,
      type: code,
      nonRetryable: true,
      details: [{ host: error.host }],
      cause: error,
    });
  }
  return ApplicationFailure.create({
    message,
    type: code,
    nonRetryable: false,
    category: ApplicationFailureCategory.BENIGN,
    cause: error,
    ...retryDelay(error, attempt),
  });
}

function retryDelay(error: TransientError | ConfigError, attempt: number): { nextRetryDelay?: number } {
  if (aboutOneHost.has(error.code)) return { nextRetryDelay: otherHostDelayMs };
  if (error instanceof ConfigError) return { nextRetryDelay: configDelayMs };
  if (error.code === 'NoHost') {
    return { nextRetryDelay: noHostDelaysMs[Math.min(attempt, noHostDelaysMs.length) - 1] ?? configDelayMs };
  }
  if (faultClass[error.code] === 'host') return { nextRetryDelay: otherHostDelayMs };
  return error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs };
}

export const failureMapping: ActivityInterceptorsFactory = () => ({
  inbound: {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        throw toFailure(error, activityInfo().attempt);
      }
    },
  },
});
