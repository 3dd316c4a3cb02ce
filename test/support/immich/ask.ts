import type { ScriptedImmich } from './server.ts';

export interface Question {
  /** Default: the key of the first user; undefined: none. */
  readonly key?: string | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** One request to a scripted Immich, `GET /assets/…`, with what came back. For tests of the server itself. */
export async function ask(immich: Pick<ScriptedImmich, 'apiUrl' | 'user'>, route: string, question: Question = {}) {
  const { body, signal } = question;
  const key = 'key' in question ? question.key : immich.user.key;
  const [method = 'GET', path = ''] = route.split(' ');
  const response = await fetch(`${immich.apiUrl}${path}`, {
    method,
    headers: { ...(key === undefined ? {} : { 'x-api-key': key }), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  const json = JSON.parse(isJson ? bytes.toString('utf8') : 'null');
  return { status: response.status, headers: response.headers, bytes, json };
}
