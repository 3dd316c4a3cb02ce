import type { CallLimits } from '../../domain/vision-host.ts';

export type ReachedLimit = 'first-byte' | 'idle' | 'overall';

export interface RunningLimits {
  /** Aborts when a limit is reached or the caller cancels; aborting closes the connection, which frees the host's slot. */
  readonly signal: AbortSignal;
  /** A whole line came: from now on the idle limit counts. Bytes that make no line do not count as life. */
  progressed(): void;
  /** Nothing but the end of the body is missing: allow it this long. */
  finishWithin(ms: number): void;
  /** Which limit was reached, if one was. */
  reached(): ReachedLimit | undefined;
  /** Always call it at the end: it lets go of the timers and of the caller's signal. */
  stop(): void;
}

export function startLimits(limits: Omit<CallLimits, 'connectMs' | 'loadMs'>, caller: AbortSignal): RunningLimits {
  const controller = new AbortController();
  let reached: ReachedLimit | undefined;
  const reach = (limit: ReachedLimit) => {
    reached ??= limit;
    controller.abort();
  };
  const cancel = () => controller.abort(caller.reason);
  caller.addEventListener('abort', cancel, { once: true });
  if (caller.aborted) cancel();
  const overall = setTimeout(reach, limits.overallMs, 'overall');
  let silence = setTimeout(reach, limits.firstByteMs, 'first-byte');
  let idle = false;
  return {
    signal: controller.signal,
    progressed() {
      if (idle) {
        silence.refresh();
        return;
      }
      clearTimeout(silence);
      silence = setTimeout(reach, limits.idleMs, 'idle');
      idle = true;
    },
    finishWithin(ms) {
      clearTimeout(silence);
      silence = setTimeout(reach, ms, 'idle');
    },
    reached: () => reached,
    stop() {
      clearTimeout(overall);
      clearTimeout(silence);
      caller.removeEventListener('abort', cancel);
    },
  };
}
