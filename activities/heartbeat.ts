import { activityInfo, cancellationSignal, Context, heartbeat } from '@temporalio/activity';

/**
 * Runs `work` with a heartbeat every third of its time-out, from start to end. By a timer and not by progress: hosts send
 * nothing while they queue, load or read the picture (44 s seen), and a heartbeat per piece made four calls of one.
 */
export async function heartbeating<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { heartbeatTimeoutMs } = activityInfo();
  const beat = () => heartbeat();
  const timer = heartbeatTimeoutMs === undefined ? undefined : setInterval(beat, heartbeatTimeoutMs / 3);
  try {
    return await work(cancellationSignal());
  } finally {
    clearInterval(timer);
  }
}

/**
 * Calls `end` when somebody asked this attempt to end: a cancelled run, or this worker's stop. Not when Temporal says that
 * the attempt timed out or is gone: then a call that is paid for goes on and its answer is kept.
 */
export function whenAsked(end: (reason: unknown) => void): void {
  const context = Context.current();
  const { cancellationSignal: signal } = context;
  const decide = () => {
    const why = context.cancellationDetails;
    if (why === undefined || why.cancelRequested || why.workerShutdown) end(signal.reason);
  };
  if (signal.aborted) decide();
  else signal.addEventListener('abort', decide, { once: true });
}
