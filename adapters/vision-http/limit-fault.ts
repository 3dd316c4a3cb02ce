import { type DomainError, PermanentError, TransientError } from '../../domain/errors.ts';
import type { CallLimits } from '../../domain/vision-host.ts';
import type { ReachedLimit } from './limits.ts';

/** Whose fault a reached limit is: silence is the host's, an answer without end is the photo's. */
export function limitFault(
  host: string,
  limit: ReachedLimit | 'load',
  limits: CallLimits,
  begun: boolean,
): DomainError {
  const seconds = (ms: number) => `${ms / 1000} s`;
  if (limit === 'overall' && begun) {
    const message = `${host} was still answering after ${seconds(limits.overallMs)} (VISION_TIMEOUT_SEC).`;
    return new PermanentError('AnswerTooSlow', message, { host });
  }
  const silent = {
    load: `${host} did not load the model within ${seconds(limits.loadMs)}.`,
    'first-byte': `${host} sent nothing for ${seconds(limits.firstByteMs)} (VISION_FIRST_BYTE_SEC).`,
    idle: `${host} fell silent for ${seconds(limits.idleMs)} in the middle of its answer (VISION_IDLE_SEC).`,
    overall: `${host} sent nothing for ${seconds(limits.overallMs)} (VISION_TIMEOUT_SEC).`,
  };
  return new TransientError('HostTimedOut', silent[limit]);
}
