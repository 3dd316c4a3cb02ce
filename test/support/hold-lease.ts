import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { connect } from '../../adapters/postgres/connection.ts';
import { createHostLeases } from '../../adapters/postgres/host-leases.ts';
import { postgresOptions } from '../../runtime/database/target.ts';

/** A worker that a test can kill in the middle of a call: `<target> <timing> <what to take>`, all as JSON. Prints `held`. */
const [target, timing, wanted] = process.argv.slice(2).map((text): unknown => JSON.parse(text));
const socketTarget = z.object({
  kind: z.literal('socket'),
  socketDir: z.string(),
  user: z.string(),
  database: z.string(),
});
const settings = z.object({ ttlMs: z.number(), renewMs: z.number() });
const asked = z.object({ host: z.string(), model: z.string(), slots: z.number() });

const database = connect(postgresOptions(socketTarget.parse(target), { max: 1 }), { max: 2 });
const leases = createHostLeases({ database, ...settings.parse(timing) });
if ((await leases.take(asked.parse(wanted))) !== undefined) console.log('held');
await sleep(3_600_000);
