import { after, before } from 'node:test';
import { z } from 'zod';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { createDescriptionStore } from '../../adapters/postgres/description-store.ts';
import { createHostLeases } from '../../adapters/postgres/host-leases.ts';
import { createHostMemory } from '../../adapters/postgres/host-memory.ts';
import { createFakeLeases, createFakeMemory } from '../support/fake-hosts.ts';
import { sampleKey } from '../support/store-samples.ts';
import { emptyTables, migratedDatabase } from '../support/stores.ts';
import { hostLeasesSuite, type LeaseWorld } from './host-leases.suite.ts';
import { hostMemorySuite, type MemoryWorld } from './host-memory.suite.ts';

let database: Database;
let connections: Database[];
before(async () => {
  const { address } = await migratedDatabase();
  database = connect(address, { max: 2 });
  connections = Array.from({ length: 5 }, () => connect(address, { max: 4 }));
});
after(() => Promise.all([database, ...connections].map((one) => one.close())));

const leftRow = z.object({ left: z.number() });

/** Every worker has connections of its own, up to five of them. The server's clock cannot be moved: leases are moved back on it. */
async function openLeases(): Promise<LeaseWorld> {
  await emptyTables(database);
  let workers = 0;
  return {
    worker: (settings) =>
      createHostLeases({ database: connections[workers++ % connections.length] ?? database, ...settings }),
    async later(ms) {
      await database.run(
        (sql) => sql`update darkroom.host_lease set expires = expires - ${ms}::float8 * interval '1 millisecond'`,
      );
    },
    async leftMs() {
      const [row] = await database.rows(
        leftRow,
        (sql) => sql`
          select extract(epoch from max(expires) - now())::float8 * 1000 as "left" from darkroom.host_lease
          where holder is not null`,
      );
      return row?.left ?? 0;
    },
  };
}

async function openMemory(): Promise<MemoryWorld> {
  await emptyTables(database);
  const descriptions = createDescriptionStore({ database });
  return {
    memory: createHostMemory({ database }),
    described: (description) => descriptions.save(sampleKey(description.text), description),
    async later(ms) {
      const age = `${ms} milliseconds`;
      await database.run(
        (sql) => sql`
          with rests as (update darkroom.host_rest set until = until - ${age}::text::interval)
          update darkroom.description set created = created - ${age}::text::interval`,
      );
    },
  };
}

hostLeasesSuite('in memory', async () => createFakeLeases());
hostLeasesSuite('Postgres', openLeases);
hostMemorySuite('in memory', async () => createFakeMemory());
hostMemorySuite('Postgres', openMemory);
