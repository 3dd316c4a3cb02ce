import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from '../runtime/log.ts';
import { createSteadyLog } from '../runtime/steady-log.ts';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/**
 * Everything that Temporal's SDK says goes through our log. Its core repeats itself while a server is away: those lines
 * are said once a minute. Signals are ours: under `up` the supervisor decides when a worker stops.
 */
export function installTemporalRuntime(log: Logger): void {
  const steady = createSteadyLog(
    (message, repeated) => log.warn({ source: 'temporal', ...(repeated > 0 && { repeated }) }, message),
    Date.now,
  );
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    const { sdkComponent, error, ...rest } = meta ?? {};
    const isCore = sdkComponent === 'core';
    // Three of our four workers run activities only, which is what is meant.
    if (message.startsWith('No workflows registered')) return;
    if (isCore && (level === 'WARN' || level === 'ERROR')) steady(firstSentence(message));
    // Each worker tells of its states and webpack of its modules: of interest to us only when we debug.
    else if (level === 'INFO' && sdkComponent !== 'activity' && sdkComponent !== 'workflow')
      log.debug({ source: 'temporal' }, message);
    else
      log[levels[level]](
        { source: String(sdkComponent), ...(error !== undefined && { err: error }), ...rest },
        message,
      );
  });
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'WARN' }, forward: {} } },
    workerHeartbeatInterval: '60 seconds',
  });
}

/** What stays the same from one complaint to the next: no ids, no counters, no times. */
const firstSentence = (message: string): string => message.split(/[.:{(\n]/, 1)[0]?.slice(0, 200) ?? message;
