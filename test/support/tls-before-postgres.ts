import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { TLSSocket } from 'node:tls';
import { socketPath } from '../../runtime/database/target.ts';

const file = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** Of the certificate that the server shows, which is its own authority and is for `localhost` and 127.0.0.1. */
export const testCertificate: string = file('for-tests-only.cert.pem');

export interface TlsPostgres {
  readonly port: number;
  /** How many connections ended in TLS here. */
  readonly secured: () => number;
  close(): void;
}

/** The embedded server listens on a socket file only; this stands before it as a server that speaks TLS, or refuses to. */
export async function tlsBeforePostgres(socketDir: string, answer: 'S' | 'N'): Promise<TlsPostgres> {
  const key = readFileSync(file('for-tests-only.key.pem'));
  const cert = readFileSync(testCertificate);
  const open = new Set<Socket>();
  let secured = 0;
  const join = (client: Socket, first?: Buffer) => {
    const server = connect(socketPath(socketDir));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
    if (first !== undefined) server.write(first);
  };
  const server = createServer((client) => {
    open.add(client);
    client.on('error', () => client.destroy());
    client.once('data', (first) => {
      // The request for TLS is eight bytes long and ends with this number (Postgres, "Message Formats").
      const wantsTls = first.length === 8 && first.readInt32BE(4) === 80_877_103;
      if (!wantsTls) return join(client, first);
      client.pause();
      client.write(answer);
      if (answer === 'N') return join(client);
      const plain = new TLSSocket(client, { isServer: true, key, cert });
      plain.once('secure', () => {
        secured += 1;
      });
      return join(plain);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It listens on no port.');
  return {
    port: address.port,
    secured: () => secured,
    close() {
      server.close();
      for (const client of open) client.destroy();
    },
  };
}
