import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { connect, type Database, type PoolSettings } from '../../adapters/postgres/connection.ts';
import { createDescriptionStore } from '../../adapters/postgres/description-store.ts';
import { ConfigError, TransientError } from '../../domain/errors.ts';
import { sampleDescription, sampleKey } from '../support/store-samples.ts';
import { addressOf, migratedDatabase } from '../support/stores.ts';
import { testDatabase } from '../support/postgres.ts';

const isUnavailable = (error: unknown): boolean =>
  error instanceof TransientError && error.code === 'DatabaseUnavailable';

async function open(t: TestContext, settings: PoolSettings) {
  const server = await migratedDatabase();
  const database = connect(server.address, settings);
  t.after(() => database.close());
  return { server, database };
}

const pidRow = z.object({ pid: z.number() });
const backendPid = async (database: Database): Promise<number> =>
  (await database.rows(pidRow, (sql) => sql`select pg_backend_pid() as pid`))[0]?.pid ?? 0;
const answers = async (database: Database): Promise<number> =>
  (await database.rows(z.object({ two: z.number() }), (sql) => sql`select 1 + 1 as two`))[0]?.two ?? 0;

test('a server that is killed under 50 calls rejects them all, and the same pool works when it is back', async (t) => {
  const { server, database } = await open(t, { max: 8 });
  const descriptions = createDescriptionStore({ database });
  for (const round of [1, 2, 3]) {
    const calls = Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0
        ? database.run((sql) => sql`select pg_sleep(0.5)`)
        : descriptions.save(sampleKey(`${round}/${index}`), sampleDescription('x')),
    );
    const settled = Promise.allSettled(calls);
    await Promise.race(calls.filter((_, index) => index % 2 === 1));
    await server.kill9();
    const ends = await settled;
    const rejected = ends.filter((end) => end.status === 'rejected');
    assert.ok(rejected.length > 0);
    for (const { reason } of rejected) assert.ok(isUnavailable(reason), String(reason));
    await assert.rejects(descriptions.find(sampleKey('x')), isUnavailable);
    await server.start();
    await Promise.all(Array.from({ length: 20 }, () => answers(database)));
    for (const [index, end] of ends.entries()) {
      if (index % 2 === 0 || end.status === 'rejected') continue;
      assert.ok(await descriptions.find(sampleKey(`${round}/${index}`)), 'an answer that was acknowledged is lost');
    }
  }
});

test('connections that the server ends one by one fail their calls at most, never the pool', async (t) => {
  const { server, database } = await open(t, { max: 4 });
  const killer = connect(server.address, { max: 1 });
  t.after(() => killer.close());
  const descriptions = createDescriptionStore({ database });
  const names = Array.from({ length: 400 }, (_, index) => `photo ${index}`);
  const enough = new AbortController();
  const kill = (async () => {
    while (!enough.signal.aborted) {
      await killer.run(
        (sql) => sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
      );
      await sleep(20);
    }
  })();
  const ends = await Promise.allSettled(
    names.map((name) => descriptions.save(sampleKey(name), sampleDescription(name))),
  );
  enough.abort();
  await kill;
  for (const end of ends) if (end.status === 'rejected') assert.ok(isUnavailable(end.reason), String(end.reason));
  await Promise.all(names.map((name) => descriptions.save(sampleKey(name), sampleDescription(name))));
  assert.equal((await descriptions.find(sampleKey('photo 399')))?.text, 'photo 399');
});

test('a connection that hangs is given up, and the next call goes over a new one', async (t) => {
  const { database } = await open(t, { max: 1, limitMs: 800 });
  const pid = await backendPid(database);
  process.kill(pid, 'SIGSTOP');
  t.after(() => process.kill(pid, 'SIGCONT'));
  const calls = Array.from({ length: 5 }, () => answers(database));
  for (const end of await Promise.allSettled(calls)) {
    assert.ok(end.status === 'rejected' && isUnavailable(end.reason));
  }
  assert.equal(await answers(database), 2);
  assert.notEqual(await backendPid(database), pid);
});

test('the server ends a statement that takes too long, so that it cannot land later', async (t) => {
  const { database } = await open(t, { max: 1, limitMs: 900 });
  const pid = await backendPid(database);
  await assert.rejects(
    database.run((sql) => sql`select pg_sleep(20)`),
    isUnavailable,
  );
  assert.equal(await backendPid(database), pid);
});

test('a call that waits for its turn is never sent once it was given up', async (t) => {
  const { database } = await open(t, { max: 1, limitMs: 2_000 });
  const descriptions = createDescriptionStore({ database });
  const slow = database.run((sql) => sql`select pg_sleep(0.3)`);
  const stop = new AbortController();
  const waiting = database.run((sql) => sql`insert into darkroom.control (key, value) values ('late', '1')`, {
    signal: stop.signal,
  });
  stop.abort(new Error('changed my mind'));
  await assert.rejects(waiting, /changed my mind/);
  await slow;
  await descriptions.find(sampleKey('x'));
  const rows = await database.rows(z.unknown(), (sql) => sql`select from darkroom.control where key = 'late'`);
  assert.equal(rows.length, 0);
});

test('no server, no such database and a wrong user are told apart', async (t) => {
  const server = await testDatabase();
  const address = addressOf(server);
  const to = (options: object) => {
    const database = connect({ ...address, options: { ...address.options, ...options } }, { max: 2 });
    t.after(() => database.close());
    return answers(database);
  };
  await assert.rejects(to({ path: '/tmp/nobody-listens-here/.s.PGSQL.5432' }), isUnavailable);
  const isConfig = (error: unknown) => error instanceof ConfigError && error.message.includes('DATABASE_URL');
  await assert.rejects(to({ database: 'not_there' }), isConfig);
  await assert.rejects(to({ user: 'not_there' }), isConfig);
});
