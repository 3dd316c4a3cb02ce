import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { createHostLeases } from '../../adapters/postgres/host-leases.ts';
import { createHostMemory } from '../../adapters/postgres/host-memory.ts';
import type { TestDatabase } from '../support/postgres.ts';
import { migratedDatabase } from '../support/stores.ts';

const slot = { host: 'http://gpu:11434', model: 'qwen3-vl', slots: 1 };
const unavailable = { code: 'DatabaseUnavailable' };

async function open(t: TestContext) {
  const server = await migratedDatabase();
  const lines: string[] = [];
  const say = (level: string) => (about: object, message: string) =>
    void lines.push(`${level}: ${message} ${JSON.stringify(about)}`);
  const log = { info: say('info'), warn: say('warn') };
  const worker = (timing: { ttlMs?: number; renewMs?: number } = {}) => {
    const database = connect(server.address, { max: 2 });
    const leases = createHostLeases({ database, log, ...timing });
    t.after(async () => {
      await leases.close();
      await database.close();
    });
    return { ...leases, database };
  };
  return { server, lines, worker };
}

const timeRow = z.object({ time: z.number() });
/** On the server's clock, in milliseconds. */
async function timeOf(database: Database, what: 'now' | 'the end of the lease'): Promise<number> {
  const [row] = await database.rows(timeRow, (sql) =>
    what === 'now'
      ? sql`select extract(epoch from clock_timestamp())::float8 * 1000 as time`
      : sql`select extract(epoch from expires)::float8 * 1000 as time from darkroom.host_lease where holder is not null`,
  );
  return row?.time ?? 0;
}

/** A worker in a process of its own that has taken the slot. */
async function otherProcess(t: TestContext, { target }: TestDatabase, timing: { ttlMs: number; renewMs: number }) {
  const script = fileURLToPath(new URL('../support/hold-lease.ts', import.meta.url));
  const args = [script, ...[target, timing, slot].map((value) => JSON.stringify(value))];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const kill9 = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  t.after(kill9);
  const [said] = z.array(z.instanceof(Buffer)).parse(await once(child.stdout, 'data'));
  assert.equal(String(said).trim(), 'held');
  return { kill9 };
}

test('the slot of a worker that is killed goes to another one when its lease is over, and not before', async (t) => {
  const { server, worker } = await open(t);
  const alive = worker();
  const other = await otherProcess(t, server, { ttlMs: 3_000, renewMs: 100 });
  const taken = await timeOf(alive.database, 'the end of the lease');
  // Until it would have been over twice, without renewals.
  while ((await timeOf(alive.database, 'now')) < taken + 3_000) {
    assert.equal(await alive.take(slot), undefined, 'a worker at work lost its slot');
    await sleep(50);
  }
  await other.kill9();
  const end = await timeOf(alive.database, 'the end of the lease');
  assert.ok(end > taken);
  while ((await alive.take(slot)) === undefined) await sleep(20);
  assert.ok((await timeOf(alive.database, 'now')) >= end, 'the slot was given away before the lease was over');
});

test('while the database is away leases stay, with one line in the log, and are renewed when it is back', async (t) => {
  const { server, lines, worker } = await open(t);
  const [mine, other] = [worker({ renewMs: 25 }), worker()];
  const lease = await mine.take(slot);
  const leaving = await mine.take({ ...slot, model: 'second' });
  assert.ok(lease !== undefined && leaving !== undefined);
  const renewals = () => lines.filter((line) => line.startsWith('warn')).length;
  await server.kill9();
  while (renewals() === 0) await sleep(10);
  await assert.rejects(other.take(slot), unavailable);
  await leaving.giveBack();
  await sleep(200);
  await server.start();
  while (lines.length < 2) await sleep(10);
  assert.equal(await other.take(slot), undefined);
  assert.match(lines[0] ?? '', /^warn: cannot renew .*calls go on.*DATABASE_URL/);
  assert.match(lines[1] ?? '', /^info: .* renewed again/);
  assert.equal(lines.length, 2);
  await lease.giveBack();
  assert.ok(await other.take(slot));
});

test('a slot that somebody else took after its time is told of once, and is not given back from under them', async (t) => {
  const { lines, worker } = await open(t);
  const [mine, other] = [worker({ renewMs: 200 }), worker()];
  const lease = await mine.take(slot);
  // As if it had not been renewed for long; again where a renewal came in between.
  do {
    await other.database.run((sql) => sql`update darkroom.host_lease set expires = now()`);
  } while ((await other.take(slot)) === undefined);
  while (lines.length === 0) await sleep(10);
  await lease?.giveBack();
  assert.equal(await mine.take(slot), undefined);
  await sleep(500);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^warn: lost the slot .*http:\/\/gpu:11434/);
});

test('a slot that was given by a server that could not say so any more is given back', async (t) => {
  const { worker } = await open(t);
  const { database, ...other } = worker();
  const deaf: Database = {
    ...database,
    async rows(...call) {
      await database.rows(...call);
      throw new Error('the connection broke');
    },
  };
  await assert.rejects(createHostLeases({ database: deaf, ttlMs: 3_600_000 }).take(slot), /connection broke/);
  while ((await other.take(slot)) === undefined) await sleep(10);
});

test('without a database every call about hosts says so within seconds', async (t) => {
  const { server, worker } = await open(t);
  const { database, ...leases } = worker();
  const memory = createHostMemory({ database });
  await server.stop();
  await assert.rejects(leases.take(slot), unavailable);
  await assert.rejects(memory.rests(), unavailable);
  await assert.rejects(memory.rest({ host: 'h', model: 'm', until: Date.now(), reason: 'x' }), unavailable);
  await assert.rejects(memory.tokensSince(0), unavailable);
  await server.start();
});

test('rests that are over are cleaned up when another one is written', async (t) => {
  const { worker } = await open(t);
  const { database } = worker();
  const memory = createHostMemory({ database });
  const rests = async () => (await database.rows(z.unknown(), (sql) => sql`select from darkroom.host_rest`)).length;
  for (const host of ['a', 'b', 'c']) await memory.rest({ host, model: 'm', until: Date.now() - 1, reason: 'x' });
  await memory.rest({ host: 'd', model: 'm', until: Date.now() + 60_000, reason: 'x' });
  assert.equal(await rests(), 1);
});
