import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface Listener {
  readonly port: number;
  /** Cuts every connection and stops listening. */
  readonly down: () => Promise<void>;
  /** Listens at the same port again. */
  readonly up: () => Promise<void>;
}

/** A server on 127.0.0.1 that a test can take away and bring back; port 0 is any free one. */
export async function listen(
  wanted: number,
  tls: { readonly key: Buffer; readonly cert: Buffer } | undefined,
  answer: RequestListener,
): Promise<Listener> {
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const open = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await open(wanted);
  const port = portOf(server.address());
  return {
    port,
    down: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
    up: async () => {
      if (!server.listening) await open(port);
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('listens on no port');
  return address.port;
}
