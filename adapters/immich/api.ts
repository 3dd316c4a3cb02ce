import type { z } from 'zod';
import { type DomainError, errorCode, PermanentError } from '../../domain/errors.ts';
import { parseJson } from '../vision-http/error-text.ts';
import type { ApiBase } from './base-url.ts';
import { type Connection, AnswerTooLarge, type RawAnswer, type RawRequest } from './connection.ts';
import { type Asked, faultOf, notImmich, saidBy, unavailable } from './faults.ts';
import type { ImmichLimits } from './limits.ts';
import { networkFault } from './network-faults.ts';
import type { PermissionName } from './permissions.ts';

interface Call {
  readonly method: RawRequest['method'];
  /** Below `/api`, with its query. Ids in it are UUIDs that Immich gave us. */
  readonly path: string;
  readonly body?: object;
  readonly needs: PermissionName | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds; default: that of a small request. */
  readonly limitMs?: number;
  /** Doing it twice would do it twice: no silent second try. */
  readonly once?: boolean;
  /** An answer that is too long is no fault: the caller asks for less (AnswerTooLarge). */
  readonly mayAskForLess?: boolean;
}

/** What may be an answer to a question and not a fault; `fault` is what it means where the caller did not ask. */
export type Outcome<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'gone' | 'no-route' | 'forbidden' | 'bad-request'; readonly fault: DomainError };

export interface ImmichApi {
  /** Throws TransientError and ConfigError as `ImmichLibrary` does, and the reason of the signal. */
  json<T>(call: Call, schema: z.ZodType<T>): Promise<Outcome<T>>;
  /** Throws PermanentError TooLarge besides. */
  picture(call: Call): Promise<Outcome<Buffer>>;
  /** The address without credentials, for messages. */
  readonly server: string;
  close(): Promise<void>;
}

interface ApiDeps {
  readonly connection: Connection;
  readonly base: ApiBase;
  readonly limits: ImmichLimits;
  readonly now: () => number;
}

/** The REST API as calls with an outcome: what came is judged here, once. */
export function createImmichApi({ connection, base, limits, now }: ApiDeps): ImmichApi {
  let wasThere = false;
  const asked = ({ needs }: Call): Asked => ({ server: base.label, needs, wasThere, now: now() });
  const send = (call: Call, accept: string, mostBytes: number) =>
    sendTwice(connection, base.label, { call, accept, mostBytes, limitMs: call.limitMs ?? limits.requestMs });
  return {
    server: base.label,
    async json(call, schema) {
      const answer = await send(call, 'application/json', limits.jsonBytes).catch((error: unknown) => {
        if (!(error instanceof AnswerTooLarge) || call.mayAskForLess === true) throw error;
        throw notImmich(asked(call), `with ${error.message}`);
      });
      if (!isGood(answer)) return outcomeOf(answer, asked(call));
      const text = answer.body.toString('utf8');
      const value = parseJson(text);
      const { data, success } = schema.safeParse(value);
      // Some answers are empty (204); a page is none, whatever is expected.
      if (!success || (value === undefined && text !== '')) throw strangeAnswer(text, asked(call));
      wasThere = true;
      return { kind: 'answer', value: data };
    },
    async picture(call) {
      const answer = await send(call, 'image/*', limits.previewBytes).catch((error: unknown) => {
        if (!(error instanceof AnswerTooLarge)) throw error;
        throw new PermanentError('TooLarge', `Its preview in Immich has ${error.message}.`);
      });
      if (!isGood(answer)) return outcomeOf(answer, asked(call));
      if (!/^(image\/|application\/octet-stream)/.test(answer.contentType)) {
        throw strangeAnswer(answer.body.toString('utf8', 0, 65_536), asked(call));
      }
      return { kind: 'answer', value: answer.body };
    },
    close: () => connection.close(),
  };
}

/** The value, where every other outcome is a fault. */
export function answered<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'answer') return outcome.value;
  throw outcome.fault;
}

const isGood = ({ status }: RawAnswer): boolean => status >= 200 && status < 300;

/**
 * Immich says 400 `Not found or no asset.read access` of what is gone or not ours, and of keys of metadata that are not there;
 * 404 of a preview that is not there yet. A 404 that is not Immich's own words comes from a proxy that has lost its Immich, and
 * must never read as a photo that was deleted.
 */
function outcomeOf(answer: RawAnswer, asked: Asked): Outcome<never> {
  const fault = faultOf(answer, asked);
  const said = saidBy(answer);
  if (said === undefined) throw fault;
  const { status } = answer;
  const isUnknownRoute = /^Cannot (GET|POST|PUT|PATCH|DELETE) /.test(said);
  if (status === 405 || (status === 404 && isUnknownRoute)) return { kind: 'no-route', fault };
  if (status === 404 || (status === 400 && /not found/i.test(said))) return { kind: 'gone', fault };
  if (status === 403) return { kind: 'forbidden', fault };
  if (status === 400 || status === 422) return { kind: 'bad-request', fault };
  throw fault;
}

/** A good status, and not what Immich would say. */
function strangeAnswer(text: string, asked: Asked): DomainError {
  if (/^\s*</.test(text)) {
    const title = /<title>([^<]{1,200})/i.exec(text)?.[1]?.trim();
    return notImmich(asked, title === undefined ? 'with a web page' : `with a web page “${title}”`);
  }
  const isCut = /^\s*[[{]/.test(text) && parseJson(text) === undefined;
  if (isCut) return unavailable(asked.server, 'sent an answer that is cut short');
  return notImmich(asked, text.trim() === '' ? 'with nothing' : 'something that Immich would not say');
}

interface Sending {
  readonly call: Call;
  readonly accept: string;
  readonly mostBytes: number;
  readonly limitMs: number;
}

/** Immich closes idle connections after a while (sheet 6 has 2 s for its other service); a request may meet that moment. */
const closedUnderUs = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** One silent second try where the connection was reset before any answer: nothing waits, and no slot is lost. */
async function sendTwice(connection: Connection, server: string, sending: Sending): Promise<RawAnswer> {
  const { call, limitMs } = sending;
  const limit = AbortSignal.timeout(limitMs);
  const signal = AbortSignal.any([call.signal, limit]);
  const send = () => sendOnce(connection, sending, signal);
  try {
    return await send().catch((error: unknown) => {
      if (call.once === true || signal.aborted || !closedUnderUs.has(errorCode(error) ?? '')) throw error;
      return send();
    });
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason;
    if (limit.aborted) throw unavailable(server, `did not answer within ${limitMs / 1_000} s`, { cause: error });
    throw networkFault(error, { server, during: 'before its answer was whole' });
  }
}

const sendOnce = (connection: Connection, { call, accept, mostBytes }: Sending, signal: AbortSignal) =>
  connection.request({
    method: call.method,
    path: call.path,
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    accept,
    mostBytes,
    signal,
  });
