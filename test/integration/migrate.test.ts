import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { connect, type Database, type Statement } from '../../adapters/postgres/connection.ts';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { ConfigError } from '../../domain/errors.ts';
import { testDatabase } from '../support/postgres.ts';
import { addressOf, migrationsFolder } from '../support/stores.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const slow = (seconds: number) => `
create table darkroom.slow_a (id integer);
select pg_sleep(${seconds});
create table darkroom.slow_b (id integer);`;

async function open(t: TestContext) {
  const server = await testDatabase();
  const address = addressOf(server);
  const database = connect(address, { max: 2 });
  t.after(() => database.close());
  const folder = await temporaryFolder(t);
  for (const name of await readdir(migrationsFolder)) await copyFile(join(migrationsFolder, name), join(folder, name));
  const add = (name: string, sql: string) => writeFile(join(folder, name), sql);
  return { server, address, database, folder, add };
}

const names = (database: Database) =>
  database.rows(
    z.object({ name: z.string() }).transform(({ name }) => name),
    (sql) => sql`select name from darkroom.migration order by number`,
  );
const tables = async (database: Database) =>
  new Set(
    await database.rows(
      z.object({ name: z.string() }).transform(({ name }) => name),
      (sql) => sql`select table_name as name from information_schema.tables where table_schema = 'darkroom'`,
    ),
  );
const sleepsRow = z.object({ sleeps: z.boolean() });
const sleeps: Statement = (sql) => sql`
  select exists (
    select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'
  ) as sleeps`;
async function untilItSleeps(database: Database): Promise<void> {
  while (!(await database.rows(sleepsRow, sleeps))[0]?.sleeps) await sleep(10);
}
const saying = (words: RegExp) => (error: unknown) => error instanceof ConfigError && words.test(error.message);

test('an empty database gets everything once, a second start applies nothing', async (t) => {
  const { address, database, folder } = await open(t);
  const applied = await migrate(address, folder);
  assert.deepEqual(applied, (await readdir(migrationsFolder)).sort());
  assert.deepEqual(await migrate(address, folder), []);
  assert.deepEqual(await names(database), applied);
  const all = [
    'asset asset_run backfill backfill_photo claim content control description description_words face_detection face_rejection',
    'face_removed face_vector failure host_lease host_rest library migration person person_merge person_merge_face publication recipe',
  ].flatMap((names) => names.split(' '));
  assert.deepEqual([...(await tables(database))].sort(), all);
});

test('four processes that start at once apply each file once between them', async (t) => {
  const { address, database, folder, add } = await open(t);
  await add('9001_slow.sql', slow(0.2));
  const answers = await Promise.all(Array.from({ length: 4 }, () => migrate(address, folder)));
  assert.deepEqual(answers.flat().sort(), await names(database));
});

test('a file that fails leaves nothing of itself, and is tried again once it is mended', async (t) => {
  const { address, database, folder, add } = await open(t);
  await add(
    '9001_two_tables.sql',
    'create table darkroom.first (id integer);\ncreate table darkroom.first (id integer);',
  );
  await assert.rejects(migrate(address, folder), /already exists/);
  assert.ok(!(await tables(database)).has('first'));
  assert.ok(!(await names(database)).includes('9001_two_tables.sql'));
  await add('9001_two_tables.sql', 'create table darkroom.first (id integer);');
  assert.deepEqual(await migrate(address, folder), ['9001_two_tables.sql']);
});

test('a process killed in the middle of a file leaves all of it or nothing', async (t) => {
  const { server, address, database, folder, add } = await open(t);
  await migrate(address, folder);
  await add('9001_slow.sql', slow(0.5));
  const script = fileURLToPath(new URL('../support/migrate-once.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(server.target), folder], { stdio: 'inherit' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  await untilItSleeps(database);
  child.kill('SIGKILL');
  await exited;
  await migrate(address, folder);
  const present = await tables(database);
  assert.ok(present.has('slow_a') && present.has('slow_b'));
  assert.equal((await names(database)).filter((name) => name === '9001_slow.sql').length, 1);
});

test('a server killed in the middle of a file has nothing of it when it is back', async (t) => {
  const { server, address, database, folder, add } = await open(t);
  await migrate(address, folder);
  await add('9001_slow.sql', slow(2));
  const attempt = assert.rejects(migrate(address, folder), { code: 'DatabaseUnavailable' });
  await untilItSleeps(database);
  await server.kill9();
  await attempt;
  await server.start();
  const before = await tables(database);
  assert.ok(!before.has('slow_a') && !before.has('slow_b'));
  assert.deepEqual(await migrate(address, folder), ['9001_slow.sql']);
});

test('a newer database and a changed file are refused, other line endings are not', async (t) => {
  const { address, folder, add } = await open(t);
  await add('9001_one.sql', 'create table darkroom.one (id integer);\n');
  await migrate(address, folder);
  await assert.rejects(migrate(address, migrationsFolder), saying(/newer Darkroom/));
  await add('9001_one.sql', 'create table darkroom.one (id integer);\r\n');
  assert.deepEqual(await migrate(address, folder), []);
  await add('9001_one.sql', 'create table darkroom.one (id bigint);\n');
  await assert.rejects(migrate(address, folder), saying(/9001_one\.sql was changed/));
});

test('a start that is called off while another process migrates ends at once', async (t) => {
  const { address, folder, database } = await open(t);
  await migrate(address, folder);
  const holder = connect(address, { max: 1 });
  t.after(() => holder.close());
  await holder.run((sql) => sql`begin`);
  await holder.run((sql) => sql`lock table darkroom.migration in access exclusive mode`);
  const stop = new AbortController();
  const waiting = migrate(address, folder, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error('called off')), 50);
  await assert.rejects(waiting, /called off/);
  await assert.rejects(migrate(address, folder, { limitMs: 100 }), /did not end within 0\.1 s/);
  await holder.run((sql) => sql`rollback`);
  assert.deepEqual(await migrate(address, folder), []);
  assert.equal((await names(database)).length, (await readdir(migrationsFolder)).length);
});
