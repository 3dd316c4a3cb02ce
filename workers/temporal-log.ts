import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, type LogEntry, Runtime } from '@temporalio/worker';
import { faultClass } from '../domain/errors.ts';
import type { Logger } from '../runtime/log.ts';
import { createSteadyLog } from '../runtime/steady-log.ts';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
type Level = (typeof levels)[keyof typeof levels];

/** What the SDK adds to each line, and what of it is worth keeping. */
const kept = new Set(['workflowId', 'activityType', 'photo', 'host', 'reason', 'attempt']);

/**
 * Everything that Temporal's SDK says goes through our log. Its core repeats itself while a server is away: those lines
 * are said once a minute. Signals are ours: under `up` the supervisor decides when a worker stops.
 */
export function installTemporalRuntime(log: Logger): void {
  const steady = createSteadyLog(
    (message, repeated) => log.warn({ source: 'temporal', ...(repeated > 0 && { repeated }) }, message),
    Date.now,
  );
  const logger = new DefaultLogger('INFO', (entry) => {
    const isComplaint = entry.level === 'WARN' || entry.level === 'ERROR';
    if (entry.meta?.['sdkComponent'] === 'core' && isComplaint) steady(firstSentence(entry.message));
    else log[levelOf(entry)](detailsOf(entry), entry.message);
  });
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'WARN' }, forward: {} } },
    workerHeartbeatInterval: '60 seconds',
  });
}

/** Faults that we know are told where they are decided (a parked photo, a host that is away); here they are only noise. */
function levelOf({ level, message, meta }: LogEntry): Level {
  // Three of our four workers run activities only, which is what is meant.
  if (message.startsWith('No workflows registered')) return 'debug';
  const isOurs = meta?.['sdkComponent'] === 'activity' || meta?.['sdkComponent'] === 'workflow';
  if (level === 'INFO' && !isOurs) return 'debug';
  // A photo that was parked is told by the step that wrote it down; the sandbox hands on no class to know the fault by.
  if (message === 'Workflow failed') return 'info';
  return isKnownFault(meta?.['error']) ? 'debug' : levels[level];
}

const isKnownFault = (error: unknown): boolean =>
  error instanceof ApplicationFailure && typeof error.type === 'string' && error.type in faultClass;

function detailsOf({ meta }: LogEntry): Record<string, unknown> {
  const error: unknown = meta?.['error'];
  const details = Object.entries(meta ?? {}).filter(([key]) => kept.has(key));
  const told = error instanceof Error ? { err: error } : {};
  return { source: String(meta?.['sdkComponent'] ?? 'temporal'), ...Object.fromEntries(details), ...told };
}

/** What stays the same from one complaint to the next: no ids, no counters, no times. */
const firstSentence = (message: string): string => message.split(/[.:{(\n]/, 1)[0]?.slice(0, 200) ?? message;
