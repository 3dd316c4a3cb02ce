import { ConfigError, type DomainError, PermanentError, TransientError } from '../../domain/errors.ts';
import { type ErrorText, errorText, excerpt, inWords } from './error-text.ts';
import { type RetryHeaders, waitOf } from './retry-after.ts';

/** An HTTP answer that is not the description: enough of it to say whose fault that is. */
export interface RefusedAnswer extends RetryHeaders {
  /** Base URL without credentials. */
  readonly host: string;
  readonly model: string;
  readonly status: number;
  readonly body: string;
  readonly location?: string | undefined;
  /** Milliseconds since 1970: Retry-After may be a date. */
  readonly now: number;
}

export type Fault = (answer: RefusedAnswer, text: string) => DomainError;

/** A text that says more than the status it comes with. Tried against the text, and the error's own short words after it. */
export type Saying = readonly [pattern: RegExp, fault: Fault];

/** Which settings a message sends a person to. Each is said in the middle of a sentence. */
export interface HostSettings {
  readonly hosts: string;
  readonly tokens: string;
  readonly api: string;
  /** Whose account is to be paid for. */
  readonly account: string;
  /** What makes a request that is too large for a proxy smaller. */
  readonly smaller: string;
}

/** What differs in words between the kinds of hosts. */
export interface HostKind {
  /** After `answers, but is`. */
  readonly isNone: string;
  readonly settings: HostSettings;
  /** What gets the model onto the host. */
  readonly getModel: (host: string, model: string) => string;
  /** After `refuses us (403). `. */
  readonly whenForbidden: string;
  /** The first that fits decides. */
  readonly sayings: readonly Saying[];
}

/**
 * Whose fault is it? The text is read before the status, because hosts answer 500 to mistakes of ours too and 400 to an
 * unreadable picture. Only a 500 may be the photo's doing (`HostFailed`): what stands before a host, or a host that falls
 * away, says something else (`HostBroke`).
 */
export function faultOf(kind: HostKind, answer: RefusedAnswer): DomainError {
  const said = errorText(answer.body);
  return (said === undefined ? undefined : faultOfText(kind, answer, said)) ?? faultOfStatus(kind, answer, said?.text);
}

export const visionSettings: HostSettings = {
  hosts: 'VISION_HOSTS or the hosts file (VISION_HOSTS_FILE)',
  tokens: 'VISION_TOKEN, or the token of this host in the hosts file (VISION_HOSTS_FILE)',
  api: 'VISION_API',
  account: 'VISION_TOKEN',
  smaller: 'lower VISION_LONG_SIDE',
};
const whereModelsAre = 'VISION_MODEL, or the model of this host in the hosts file (VISION_HOSTS_FILE)';

/** The fault of an answer that is not what this kind of host speaks: an HTML page, another server, a sign-in page of a network. */
export const nonsense = (kind: HostKind, host: string, what: string): TransientError =>
  new TransientError(
    'HostSpokeNonsense',
    `${host} answers, but is ${kind.isNone}: ${what}. Check the address, the port and the API (${kind.settings.api}) of this host in ${kind.settings.hosts}, and whether a proxy or a sign-in page stands between.`,
  );

export const modelMissing = (kind: HostKind, host: string, model: string): TransientError =>
  new TransientError('ModelMissing', `${host} does not have the model. ${kind.getModel(host, model)}`);

export const modelCannotSee = (host: string, model: string, what: string): ConfigError =>
  new ConfigError(
    'ModelCannotSee',
    `The model ${model} on ${host} cannot look at pictures (${what}). Set ${whereModelsAre}, to one that can, for example qwen3-vl:4b-instruct-q4_K_M.`,
  );

export const unauthorized = (kind: HostKind, host: string, status: number): ConfigError =>
  new ConfigError(
    'Unauthorized',
    status === 403
      ? `${host} refuses us (403). ${kind.whenForbidden} Behind a proxy set ${kind.settings.tokens}.`
      : `${host} wants a token (${status}). Set ${kind.settings.tokens}, or check that the one that is set still holds.`,
  );

/** Nobody but the person can add credit; until then every call would be refused. */
export const outOfCredit = (kind: HostKind, host: string, text: string | undefined): ConfigError =>
  new ConfigError(
    'Unauthorized',
    `${host} wants to be paid first${text === undefined ? '' : ` (${excerpt(text)})`}. Add credit to the account of ${kind.settings.account}, or take this host out of ${kind.settings.hosts}.`,
  );

export const badRequest =
  (advice: string): Fault =>
  ({ host }, text) =>
    new ConfigError('BadRequest', `${host} refuses our request: ${excerpt(text)}. ${advice}`);

export const reportIt = 'No photo is to blame; please report this, with the version of the host.';

/** What llama.cpp says, alone and inside Ollama, and its words for the same in other servers. */
export const sharedSayings: readonly Saying[] = [
  [
    /failed to load image|cannot identify image|unsupported image|invalid_image_format|image_parse_error/i,
    ({ host }, text) =>
      new PermanentError('Undecodable', `The model on ${host} cannot read this picture: ${excerpt(text)}`, { host }),
  ],
  [
    /does not support (multimodal|chat|generate|vision|image)|support image input|image input is not supported|mmproj|missing data required for image input|not a multimodal model|at most 0 image|image_url.{1,40}(only|not) supported|unknown variant .?image_url/i,
    ({ host, model }, text) => modelCannotSee(host, model, excerpt(text)),
  ],
];

function faultOfText(kind: HostKind, answer: RefusedAnswer, said: ErrorText): DomainError | undefined {
  const { status } = answer;
  if (![400, 403, 404, 415, 422, 429].includes(status) && status < 500) return undefined;
  const words = said.kind === '' ? said.text : `${said.text}\n${said.kind}`;
  return kind.sayings.find(([pattern]) => pattern.test(words))?.[1](answer, said.text);
}

function faultOfStatus(kind: HostKind, answer: RefusedAnswer, text: string | undefined): DomainError {
  const { host, status } = answer;
  if (status === 401 || status === 403 || status === 407) return unauthorized(kind, host, status);
  if (status === 402) return outOfCredit(kind, host, text);
  if (status === 429 || status === 503) return failed(answer, 'HostBusy', text);
  if (status === 408) return new TransientError('HostTimedOut', `${host} gave up waiting for our request (408).`);
  if (status === 413) {
    const { smaller } = kind.settings;
    return badRequest(`A proxy limits the size of requests: raise it there, or ${smaller}.`)(answer, '413');
  }
  if (status >= 300 && status < 400) return nonsense(kind, host, `it redirects to ${redirectedTo(answer)}`);
  // 501 is what other programs answer to POST, 511 what a network with a sign-in page answers to everything.
  if (status === 501 || status === 511) return nonsense(kind, host, `${status} ${inWords(answer.body)}`);
  if (status === 500) return failed(answer, 'HostFailed', text);
  if (status > 500 || status === 499) return failed(answer, 'HostBroke', text);
  if (text === undefined || status === 404 || status === 405) {
    return nonsense(kind, host, `${status} ${inWords(answer.body)}`);
  }
  return badRequest(reportIt)(answer, text);
}

/** Origin and path of a redirect: credentials, the query and parameters in the path may hold a session. */
function redirectedTo({ host, location = '' }: RefusedAnswer): string {
  const pathOf = (text: string) => text.replace(/[?#].*$/s, '').replace(/;[^/]*/g, '');
  const isPath = !/^([a-z][a-z0-9+.-]*:|[/\\]{2})/i.test(location);
  const url = isPath ? null : URL.parse(location, host);
  const isWeb = url !== null && /^https?:$/.test(url.protocol);
  const where = isWeb ? `${url.origin}${pathOf(url.pathname)}` : isPath ? pathOf(location) : '';
  return where === '' ? 'somewhere else' : excerpt(where);
}

const verbs = { HostBusy: 'is busy', HostFailed: 'failed', HostBroke: 'broke off' };

function failed(answer: RefusedAnswer, code: keyof typeof verbs, text: string | undefined): TransientError {
  const { host, status, now, body } = answer;
  const wait = waitOf(answer, now);
  const options = wait === undefined ? {} : { retryAfterMs: wait };
  return new TransientError(code, `${host} ${verbs[code]} (${status}): ${excerpt(text ?? inWords(body))}`, options);
}
