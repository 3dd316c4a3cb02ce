import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';

/** Answers every connection with the same bytes, which need be no HTTP, and hangs up. Ends with the test. */
export async function rawServer(t: TestContext, reply: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(reply));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

export const httpReply = (status: number, body: string, ...headers: readonly string[]): string =>
  [`HTTP/1.1 ${status} x`, `content-length: ${Buffer.byteLength(body)}`, ...headers, '', body].join('\r\n');
