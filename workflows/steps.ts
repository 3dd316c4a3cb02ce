import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities } from '../domain/contract.ts';
import { faultClass, type FaultCode } from '../domain/errors.ts';
import { queues } from '../domain/queues.ts';

/**
 * How each step is called. Slow outside calls are regular activities on queues of their own (6 events each); looks at
 * our own rows and at one file are local ones (one marker each). No scheduleToStart or scheduleToClose on regular ones:
 * a GPU box that is off for three days is a wait.
 */
const retry = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

export const fingerprintStep = (summary: string) =>
  proxyActivities<Pick<Activities, 'fingerprint'>>({
    taskQueue: queues.library,
    startToCloseTimeout: '30 minutes',
    heartbeatTimeout: '10 seconds',
    retry,
    summary,
  }).fingerprint;

/** The pool gives each call its own limits, and a model that has to be fetched first ten minutes. */
export const facesStep = (summary: string) =>
  proxyActivities<Pick<Activities, 'findFaces'>>({
    taskQueue: queues.faces,
    startToCloseTimeout: '2 hours',
    heartbeatTimeout: '10 seconds',
    retry,
    summary,
  }).findFaces;

/**
 * Four days: the call has limits of its own (loading, first byte, silence, all of it), each of which a person may set to a day;
 * this is only the far fence. Whether the worker lives is seen by its heartbeat.
 */
export const describeStep = (summary: string) =>
  proxyActivities<Pick<Activities, 'describePhoto'>>({
    taskQueue: queues.vision,
    startToCloseTimeout: '4 days',
    heartbeatTimeout: '10 seconds',
    retry,
    summary,
  }).describePhoto;

export const publishStep = (summary: string) =>
  proxyActivities<Pick<Activities, 'publish'>>({
    taskQueue: queues.publish,
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '10 seconds',
    retry,
    summary,
  }).publish;

export const startPageStep = (summary: string) =>
  proxyActivities<Pick<Activities, 'startPage'>>({
    taskQueue: queues.control,
    // The brake waits inside: a page may last as long as 100 photos on one slow host.
    startToCloseTimeout: '7 days',
    // A page that somebody cut short says what it did until then.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    heartbeatTimeout: '10 seconds',
    retry,
    summary,
  }).startPage;

type OwnSteps = Pick<Activities, 'checkSettled' | 'claimDescription' | 'finishRun' | 'markWaiting' | 'keepBackfill'>;

const local = proxyLocalActivities<OwnSteps>({
  scheduleToCloseTimeout: '5 seconds',
  retry: { maximumAttempts: 2, initialInterval: '500 milliseconds' },
});

const fallbackOptions: ActivityOptions = {
  taskQueue: queues.library,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry,
  summary: 'again, because the database or the folder is away',
};
const regular = proxyActivities<OwnSteps>(fallbackOptions);

/**
 * A local activity that waits for a database holds a workflow slot and adds 3 events every 8 s (measured: 18 events in
 * 45 s). So it gets 5 s; then the same function runs as a regular one, which may wait for days at no event at all.
 */
function localFirst<I, O>(once: (input: I) => Promise<O>, patiently: (input: I) => Promise<O>) {
  return async (input: I): Promise<O> => {
    try {
      return await once(input);
    } catch (error) {
      // A failed local activity comes as its cause, without an ActivityFailure around it (SDK 1.24): look at what it is not.
      if (isCancellation(error) || contentFault(error) !== undefined) throw error;
      return await patiently(input);
    }
  };
}

export const checkSettled = localFirst(local.checkSettled, regular.checkSettled);
export const claimDescription = localFirst(local.claimDescription, regular.claimDescription);
export const finishRun = localFirst(local.finishRun, regular.finishRun);
export const markWaiting = localFirst(local.markWaiting, regular.markWaiting);
export const keepBackfill = localFirst(local.keepBackfill, regular.keepBackfill);

export interface ContentFault {
  readonly code: string;
  readonly reason: string;
  readonly host?: string;
}

const isFaultCode = (code: string): code is FaultCode => code in faultClass;

/** The fault that is the photo's own, where this error carries one; undefined for cancellations and everything else. */
export function contentFault(error: unknown): ContentFault | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure) || typeof cause.type !== 'string') return undefined;
  if (!isFaultCode(cause.type) || faultClass[cause.type] !== 'content') return undefined;
  const host = hostOf(cause.details?.[0]);
  return { code: cause.type, reason: cause.message, ...(host === undefined ? {} : { host }) };
}

const hostOf = (detail: unknown): string | undefined =>
  typeof detail === 'object' && detail !== null && 'host' in detail && typeof detail.host === 'string'
    ? detail.host
    : undefined;
