import { once } from 'node:events';
import { createServer, connect as connectTo, type Socket } from 'node:net';
import type { Cleanups } from './up.ts';

export interface SlowSocket {
  readonly port: number;
  /** Bytes that went through, both ways. */
  bytes(): number;
}

/**
 * A port of 127.0.0.1 behind which a server on a Unix socket is this many milliseconds further away: half of them on the way
 * there, half on the way back. Nothing is reordered or dropped.
 */
export async function slowSocket(t: Cleanups, path: string, roundTripMs: number): Promise<SlowSocket> {
  const open = new Set<Socket>();
  let bytes = 0;
  const later = (from: Socket, to: Socket) => {
    open.add(from);
    // Timers of one length fire in the order in which they were set.
    const delayed = (act: () => void) => void setTimeout(() => to.destroyed || act(), roundTripMs / 2);
    from.on('data', (chunk) => {
      bytes += chunk.length;
      delayed(() => void to.write(chunk));
    });
    from.once('end', () => delayed(() => void to.end()));
    from.once('close', () => {
      open.delete(from);
      delayed(() => to.destroySoon());
    });
    from.on('error', () => undefined);
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const behind = connectTo({ path, allowHalfOpen: true });
    later(client, behind);
    later(behind, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listens on no port');
  return { port: address.port, bytes: () => bytes };
}
