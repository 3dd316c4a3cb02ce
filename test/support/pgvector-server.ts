import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import type { DatabaseAddress } from '../../adapters/postgres/connection.ts';
import { freePort } from './free-port.ts';

/**
 * A Postgres with pgvector for tests: PGlite behind a port. It has one session behind all its connections, so one is all that may be
 * opened at a time.
 */
export async function pgvectorServer(): Promise<{
  readonly address: DatabaseAddress;
  readonly stop: () => Promise<void>;
}> {
  const db = await PGlite.create({ extensions: { vector } });
  const port = await freePort();
  const server = new PGLiteSocketServer({
    db,
    host: '127.0.0.1',
    port,
    maxConnections: 4,
  });
  await server.start();
  return {
    address: { url: `postgres://postgres@127.0.0.1:${port}/postgres` },
    async stop() {
      await server.stop();
      await db.close();
    },
  };
}
