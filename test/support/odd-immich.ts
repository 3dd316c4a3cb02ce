import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

/** What is asked of it, with its body as text. */
export interface OddRequest {
  /** `GET /assets/…`, without `/api` and query. */
  readonly route: string;
  readonly body: string;
}
export type OddAnswer = (request: OddRequest, response: ServerResponse) => void;

/** A server that says of itself to be an Immich and answers as a test likes, for what no Immich says. */
export async function startOddImmich(t: Pick<TestContext, 'after'>, answer: OddAnswer): Promise<{ url: string }> {
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').replace(/^\/api/, '').replace(/\?.*$/, '');
    answer({ route: `${request.method} ${path}`, body: await text(request) }, response);
  };
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The odd server has no port.');
  return { url: `http://127.0.0.1:${address.port}` };
}

export const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
};
