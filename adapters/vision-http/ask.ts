import type { HostProbe } from '../../domain/host-ports.ts';
import { bodyText, type CalledHost, type Connections, firstHeader } from './connections.ts';
import { errorText, excerpt } from './error-text.ts';
import { type HostKind, nonsense, outOfCredit, unauthorized } from './faults.ts';
import { networkReason, nonsenseIn } from './network-faults.ts';
import { type RetryHeaders, waitOf } from './retry-after.ts';

export interface Answered extends RetryHeaders {
  readonly status: number;
  readonly text: string;
  readonly simulated: boolean;
}

export type Ask = (method: 'GET' | 'POST', path: string, body?: string) => Promise<Answered>;

/** Each request of a probe gets this long. */
const requestMs = 2_000;
/** A host with a thousand models lists them in about half a megabyte; OpenRouter's list has more than a megabyte. */
const longestList = 8 * 1_048_576;

/** Small questions to one host, each with a short limit. `path` is from the root of the server. */
export const asking =
  (connections: Connections, host: CalledHost, signal: AbortSignal): Ask =>
  async (method, path, body) => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(requestMs)]);
    const response = await connections.request(host, { method, path, body, signal: limited });
    const { status, headers } = response;
    return {
      status,
      text: await bodyText(response.body, longestList),
      simulated: firstHeader(headers, 'x-darkroom-simulated') === '1',
      retryAfter: firstHeader(headers, 'retry-after'),
      retryAfterMs: firstHeader(headers, 'retry-after-ms'),
    };
  };

/** Never throws: what asking met is what it found out. */
export async function probing(kind: HostKind, host: string, look: () => Promise<HostProbe>): Promise<HostProbe> {
  try {
    return await look();
  } catch (error) {
    const strange = nonsenseIn(error);
    if (strange !== undefined) return { state: 'nonsense', detail: nonsense(kind, host, strange).message };
    return { state: 'away', detail: timedOut(error) ? `no answer within ${requestMs / 1000} s` : networkReason(error) };
  }
}

/** What a status says about a host that answers no questions; undefined where it says nothing. */
export function refused(kind: HostKind, host: string, answered: Answered): HostProbe | undefined {
  const { status } = answered;
  const said = errorText(answered.text)?.text;
  if (status === 402) return { state: 'unauthorized', detail: outOfCredit(kind, host, said).message };
  if (status === 401 || status === 403 || status === 407) {
    return { state: 'unauthorized', detail: unauthorized(kind, host, status).message };
  }
  const retryAfterMs = waitOf(answered, Date.now());
  if (status === 429 || (status === 503 && retryAfterMs !== undefined)) {
    const detail = `asks to be left alone for a while (${status})${said === undefined ? '' : `: ${excerpt(said)}`}`;
    return { state: 'busy', detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  // llama.cpp says so itself; else it is a proxy in front of a host that is off or starting.
  if (status === 503 && said !== undefined) {
    const loading = /loading model/i.test(said) ? 'it is still loading its model' : excerpt(said);
    return { state: 'away', detail: `answers, but not yet: ${loading} (503)` };
  }
  if (status >= 502 && status <= 504) return { state: 'away', detail: `what stands before it says ${status}` };
  return undefined;
}

const timedOut = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError';
