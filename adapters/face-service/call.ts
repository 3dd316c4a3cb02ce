import { errorCode, isDomainError, TransientError } from '../../domain/errors.ts';
import type { DetectInput, FaceLimits } from '../../domain/face.ts';
import {
  bodyText,
  type CalledHost,
  type Connections,
  hostPath,
  type HostResponse,
} from '../vision-http/connections.ts';
import { excerpt, inWords, parseJson } from '../vision-http/error-text.ts';
import { faultOf, type HostKind, nonsense, type RefusedAnswer } from '../vision-http/faults.ts';
import { networkFault } from '../vision-http/network-faults.ts';
import { refusal } from '../vision-http/streamed-call.ts';
import { formWithPicture } from './multipart.ts';

/** A face service as it is called. */
export interface CalledService extends CalledHost {
  readonly model: string;
  readonly limits: FaceLimits;
}

interface FaceCall extends Pick<DetectInput, 'jpeg' | 'signal'> {
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface CallOptions {
  readonly connections: Connections;
  readonly service: CalledService;
  readonly kind: HostKind;
  /** It gives its model up when nobody asked for this long; the next call loads it again. */
  readonly forgetsModelAfterMs: number;
  /** What a refusal means where this kind of service means something of its own by it. */
  readonly refused?: (answer: RefusedAnswer) => Error | undefined;
  readonly now: () => number;
}

/** Sends a picture and returns the JSON of the answer. Throws the domain errors, or the reason of the signal. */
export type Caller = (call: FaceCall) => Promise<unknown>;

/**
 * Unused connections are closed after this long: a service of Immich does it after 2 s (sheet, section 6), and a request
 * that meets the closing is lost.
 */
export const idleMs = 1_500;

/** A hundred faces are a megabyte. */
const longestAnswer = 16 * 1_048_576;

export function createCaller(options: CallOptions): Caller {
  const { service, kind, now } = options;
  const { label: host, limits } = service;
  let heardAt: number | undefined;
  let loadedAt: number | undefined;
  return async (call) => {
    call.signal.throwIfAborted();
    const hasModel = loadedAt !== undefined && now() - loadedAt < options.forgetsModelAfterMs;
    const limitMs = hasModel ? limits.callMs : Math.max(limits.callMs, limits.firstMs);
    const limit = startLimit(limitMs, call.signal);
    const mayReuse = heardAt !== undefined && now() - heardAt < 2 * idleMs;
    try {
      const response = await send(options, { ...call, signal: limit.signal }, mayReuse);
      heardAt = now();
      const json = await answerOf(options, response);
      loadedAt = now();
      return json;
    } catch (error) {
      if (call.signal.aborted) throw call.signal.reason;
      if (limit.signal.aborted) throw tooSlow(host, limitMs, hasModel);
      const fault = isDomainError(error) ? error : networkFault(kind, host, error, 'before its answer was whole');
      // What comes back after that may be another process, with no model loaded yet.
      if (isLost(fault)) loadedAt = undefined;
      throw fault;
    } finally {
      limit.stop();
    }
  };
}

/**
 * One silent second try where the connection broke before an answer, and may have been one that the service closed as
 * unused in the very moment. A new one that breaks is a fault.
 */
async function send(options: CallOptions, call: FaceCall, mayReuse: boolean): Promise<HostResponse> {
  const { connections, service } = options;
  const { body, contentType } = formWithPicture(call.fields, call.jpeg);
  const request = {
    method: 'POST',
    path: hostPath(service, call.path),
    body,
    contentType,
    signal: call.signal,
  } as const;
  try {
    return await connections.request(service, request);
  } catch (error) {
    if (!mayReuse || !closings.has(errorCode(error) ?? '') || call.signal.aborted) throw error;
    // Who cannot be reached now went down with the first try: that says more about it.
    return await connections.request(service, request).catch((again: unknown) => {
      throw errorCode(again) === 'ECONNREFUSED' ? error : again;
    });
  }
}

const closings: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

async function answerOf({ service, kind, refused }: CallOptions, response: HostResponse): Promise<unknown> {
  const { label: host, model } = service;
  if (response.status < 200 || response.status > 299) {
    const answer = await refusal(host, model, response);
    throw refused?.(answer) ?? withAdvice(answer, faultOf(kind, answer));
  }
  const text = await bodyText(response.body, longestAnswer);
  if (text.length >= longestAnswer) throw nonsense(kind, host, 'its answer is longer than 16 MB');
  const json = parseJson(text) ?? parseJson(withoutNumbersThatAreNone(text));
  if (json === undefined) throw nonsense(kind, host, whatCame(text));
  return json;
}

const whatCame = (text: string): string =>
  /^\s*[[{]/.test(text) ? `its answer is cut short or no JSON: “${excerpt(text)}”` : `it answers ${inWords(text)}`;

/** Python writes numbers that are none as words, which no JSON has. */
const withoutNumbersThatAreNone = (text: string): string => text.replace(/(?<=[[,:\s]|^)-?(NaN|Infinity)\b/g, 'null');

/** A 500 is all that these services say of a model that they do not know, or cannot load. */
function withAdvice({ status }: RefusedAnswer, fault: Error): Error {
  if (status !== 500 || !(fault instanceof TransientError)) return fault;
  const { retryAfterMs } = fault;
  const advice = `${fault.message}. Its log says why; check FACE_MODEL too.`;
  return new TransientError('HostFailed', advice, retryAfterMs === undefined ? {} : { retryAfterMs });
}

const tooSlow = (host: string, ms: number, hasModel: boolean): TransientError =>
  new TransientError(
    'HostTimedOut',
    hasModel
      ? `${host} did not answer within ${ms / 1000} s (FACE_DETECT_TIMEOUT_SEC).`
      : `${host} did not answer its first call within ${ms / 1000} s; it may still be fetching its model.`,
  );

const isLost = (fault: unknown): boolean =>
  fault instanceof TransientError && (fault.code === 'HostBroke' || fault.code === 'HostUnreachable');

/** Aborts when the time is over or the caller cancels. Call `stop` at the end. */
function startLimit(ms: number, caller: AbortSignal) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, ms);
  caller.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    stop() {
      clearTimeout(timer);
      caller.removeEventListener('abort', abort);
    },
  };
}
