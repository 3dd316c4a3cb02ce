/** Milliseconds. Slow is not dead: a host sends nothing while it queues, loads a model or reads the picture (44 s seen). */
export interface CallLimits {
  /** From sending the request to the first line of the answer. */
  readonly firstByteMs: number;
  /** Between two lines of an answer. */
  readonly idleMs: number;
  readonly overallMs: number;
}

export interface RunningLimits {
  /** Aborts when a limit is reached or the caller cancels; aborting closes the connection, which frees the host's slot. */
  readonly signal: AbortSignal;
  /** A whole line came: from now on the idle limit counts. Bytes that make no line do not count as life. */
  progressed(): void;
  /** Nothing but the end of the body is missing: allow it this long. */
  finishWithin(ms: number): void;
  /** Which limit was reached, if one was. */
  reached(): 'first-byte' | 'idle' | 'overall' | undefined;
  /** Always call it at the end: it lets go of the timers and of the caller's signal. */
  stop(): void;
}

export function startLimits(limits: CallLimits, caller: AbortSignal): RunningLimits {
  const controller = new AbortController();
  let reached: 'first-byte' | 'idle' | 'overall' | undefined;
  const reach = (limit: 'first-byte' | 'idle' | 'overall') => {
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
