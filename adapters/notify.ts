import { type Finished, finishedInWords } from '../domain/finish.ts';

export type Sent = { readonly ok: true } | { readonly ok: false; readonly why: string };

export interface Notifier {
  /** One POST. Never throws; `why` names the host at most, because the rest of the address may be a secret. */
  readonly send: (finished: Finished, signal: AbortSignal) => Promise<Sent>;
}

export interface NotifierOptions {
  /** With a user and password in it, where the receiver wants them. */
  readonly url: string;
  readonly format: 'text' | 'json';
  /** Milliseconds. */
  readonly limitMs?: number;
}

const title = 'Darkroom has finished';

/** Tells a service of the person's own that everything is done: ntfy, a chat's webhook, a script behind a port. */
export function createNotifier({ url, format, limitMs = 10_000 }: NotifierOptions): Notifier {
  const address = new URL(url);
  const { username, password, host } = address;
  address.username = '';
  address.password = '';
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = login === ':' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  return {
    async send(finished, signal) {
      try {
        const { body, headers } = format === 'json' ? asJson(finished) : asText(finished);
        const response = await fetch(address, {
          method: 'POST',
          body,
          headers: { ...headers, ...authorization },
          // Followed, a POST may become a GET of what nobody wrote down.
          redirect: 'manual',
          signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
        });
        await response.body?.cancel();
        return response.ok ? { ok: true } : { ok: false, why: refusal(host, response.status) };
      } catch (error) {
        return { ok: false, why: `${host} cannot be reached (${reasonOf(error)})` };
      }
    },
  };
}

const asText = (finished: Finished) => ({
  body: finishedInWords(finished),
  headers: { 'content-type': 'text/plain; charset=utf-8', title },
});

const asJson = ({ described, parked, ms, at }: Finished) => ({
  body: JSON.stringify({
    title,
    message: finishedInWords({ described, parked, ms, at }),
    described,
    parked,
    seconds: Math.round(ms / 1_000),
    finishedAt: new Date(at).toISOString(),
  }),
  headers: { 'content-type': 'application/json' },
});

function refusal(host: string, status: number): string {
  if (status >= 300 && status < 400)
    return `${host} sends elsewhere (${status}); DARKROOM_NOTIFY_URL has to name the end`;
  return `${host} answers ${status}`;
}

/** A code at most: messages may hold the address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : error.name;
}
