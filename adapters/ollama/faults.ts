import { z } from 'zod';
import { ConfigError, type DomainError, PermanentError, TransientError } from '../../domain/errors.ts';

/** An HTTP answer that is not the description: enough of it to say whose fault that is. */
export interface RefusedAnswer {
  /** Base URL without credentials. */
  readonly host: string;
  readonly model: string;
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: string | undefined;
  readonly location?: string | undefined;
  /** Milliseconds since 1970: Retry-After may be a date. */
  readonly now: number;
}

/**
 * Whose fault is it? The status table of Ollama as measured on 0.17 and 0.33; the tests are its rows. The text is read
 * before the status, because Ollama answers 500 to mistakes of ours too and 400 to an unreadable picture.
 */
export function faultOf(answer: RefusedAnswer): DomainError {
  const text = errorText(answer.body);
  return (text === undefined ? undefined : faultOfText(answer, text)) ?? faultOfStatus(answer, text);
}

/** The fault of an answer that is not what Ollama speaks: an HTML page, another server, a sign-in page of a network. */
export const nonsense = (host: string, what: string): TransientError =>
  new TransientError(
    'HostSpokeNonsense',
    `${host} answers, but is no Ollama: ${what}. Check the address and port in VISION_HOSTS, and whether a proxy or a sign-in page stands between.`,
  );

export const modelMissing = (host: string, model: string): TransientError =>
  new TransientError('ModelMissing', `${host} does not have the model. On that machine run: ollama pull ${model}`);

export const modelCannotSee = (host: string, model: string, what: string): ConfigError =>
  new ConfigError(
    'ModelCannotSee',
    `The model ${model} on ${host} cannot look at pictures (${what}). Set VISION_MODEL to one that can, for example qwen3-vl:4b-instruct-q4_K_M.`,
  );

export const unauthorized = (host: string, status: number): ConfigError =>
  new ConfigError(
    'Unauthorized',
    status === 403
      ? `${host} refuses us (403). Behind a proxy set VISION_TOKEN; a plain Ollama answers 403 to names it does not know: start it with OLLAMA_HOST=0.0.0.0 or use its IP address in VISION_HOSTS.`
      : `${host} wants a token (${status}). Set VISION_TOKEN, or check that the one that is set still holds.`,
  );

/** Milliseconds to wait by a Retry-After header, given in seconds or as a date. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const wait = /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

const errorBody = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

/** The text of `{"error": …}`; llama-server's own JSON arrives as a string inside it. Undefined where the body is something else. */
export function errorText(body: string): string | undefined {
  const parsed = errorBody.safeParse(parseJson(body));
  if (!parsed.success) return undefined;
  const { error } = parsed.data;
  const text = typeof error === 'string' ? error : error.message;
  return text.trimStart().startsWith('{') ? (errorText(text) ?? text) : text;
}

/** Undefined where it is no JSON; JSON itself cannot say undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One line, short enough for a log and a table. */
export const excerpt = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
};

type Fault = (answer: RefusedAnswer, text: string) => DomainError;

const badRequest =
  (advice: string): Fault =>
  ({ host }, text) =>
    new ConfigError('BadRequest', `${host} refuses our request: ${excerpt(text)}. ${advice}`);

const reportIt = 'No photo is to blame; please report this, with the version of the host.';

/** Texts that say more than their status does. */
const sayings: readonly (readonly [RegExp, Fault])[] = [
  [
    /failed to load image/i,
    ({ host }, text) =>
      new PermanentError('Undecodable', `The model on ${host} cannot read this picture: ${excerpt(text)}`, { host }),
  ],
  [
    /does not support (multimodal|chat|generate|vision|image)|image input is not supported|missing data required for image input/i,
    ({ host, model }, text) => modelCannotSee(host, model, excerpt(text)),
  ],
  [
    /exceeds? the (available )?context|exceed_context_size/i,
    badRequest('Raise VISION_NUM_CTX, or lower VISION_LONG_SIDE or the length of VISION_PROMPT.'),
  ],
  [/model is required|invalid model name/i, badRequest('Check VISION_MODEL.')],
  [/^model ['"].*['"] not found|try pulling it/i, ({ host, model }) => modelMissing(host, model)],
  [/must be of type|invalid (json schema|format)|invalid duration|zero length image/i, badRequest(reportIt)],
];

function faultOfText(answer: RefusedAnswer, text: string): DomainError | undefined {
  const { status } = answer;
  if (status !== 400 && status !== 404 && status < 500) return undefined;
  return sayings.find(([pattern]) => pattern.test(text))?.[1](answer, text);
}

function faultOfStatus(answer: RefusedAnswer, text: string | undefined): DomainError {
  const { host, status } = answer;
  if (status === 401 || status === 403 || status === 407) return unauthorized(host, status);
  if (status === 429 || status === 503) return failed(answer, 'HostBusy', text);
  if (status === 408) return new TransientError('HostTimedOut', `${host} gave up waiting for our request (408).`);
  if (status === 413) {
    return badRequest('A proxy limits the size of requests: raise it there, or lower VISION_LONG_SIDE.')(answer, '413');
  }
  if (status >= 300 && status < 400) return nonsense(host, `it redirects to ${answer.location ?? 'somewhere else'}`);
  // 501 is what other programs answer to POST, 511 what a network with a sign-in page answers to everything.
  if (status === 501 || status === 511) return nonsense(host, `${status} ${said(answer.body)}`);
  if (status >= 500 || status === 499) return failed(answer, 'HostFailed', text);
  if (text === undefined || status === 404 || status === 405) return nonsense(host, `${status} ${said(answer.body)}`);
  return badRequest(reportIt)(answer, text);
}

function failed(answer: RefusedAnswer, code: 'HostBusy' | 'HostFailed', text: string | undefined): TransientError {
  const { host, status, retryAfter, now, body } = answer;
  const verb = code === 'HostBusy' ? 'is busy' : 'failed';
  const wait = retryAfterMs(retryAfter, now);
  const options = wait === undefined ? {} : { retryAfterMs: wait };
  return new TransientError(code, `${host} ${verb} (${status}): ${excerpt(text ?? said(body))}`, options);
}

/** What a body that is not Ollama's says, in a few words: the title of a web page. */
export function said(body: string): string {
  if (body.trim() === '') return 'with an empty body';
  const title = /<title>([^<]*)<\/title>/i.exec(body)?.[1];
  if (title !== undefined) return `with a web page “${excerpt(title)}”`;
  return /^\s*</.test(body) ? 'with a web page' : `“${excerpt(body)}”`;
}
