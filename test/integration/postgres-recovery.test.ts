import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { startChild, stopProcess } from '../../runtime/child.ts';
import { askServer } from '../../runtime/database/ask-server.ts';
import { createEmbeddedPostgres } from '../../runtime/database/embedded.ts';
import { postgresOptions } from '../../runtime/database/target.ts';
import { killRun, otherRun, runningServer, until, untilReady } from '../support/embedded-run.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Not with the driver: what is tried here is the server, and the driver does not get over a killed one by itself. */
const run = ({ target }: TestDatabase, statement: string) => askServer(target, statement, AbortSignal.timeout(5000));

test('killed under load, it comes back with every row that it had acknowledged', async () => {
  const database = await testDatabase();
  await run(database, 'create table kept (id int primary key)');
  const acknowledged: number[] = [];
  const over = new AbortController();
  const writer = async (_: unknown, number: number) => {
    for (let id = number; !over.signal.aborted; id += 6) {
      await run(database, `insert into kept values (${id})`).then(
        () => acknowledged.push(id),
        () => sleep(5),
      );
    }
  };
  const writers = Array.from({ length: 6 }, writer);
  for (let crash = 1; crash <= 2; crash += 1) {
    const enough = acknowledged.length + 50;
    await until(async () => acknowledged.length >= enough);
    await database.kill9();
    await database.start();
  }
  over.abort();
  await Promise.all(writers);
  const sql = postgres(postgresOptions(database.target, { max: 1 }).options);
  const stored = new Set((await sql<{ id: number }[]>`select id from kept`).map(({ id }) => id));
  await sql.end();
  assert.ok(acknowledged.length >= 100);
  assert.deepEqual(
    acknowledged.filter((id) => !stored.has(id)),
    [],
  );
});

test('a session that computes on after its server was killed does not keep a new one from starting', async () => {
  const database = await testDatabase();
  const client = new AbortController();
  const endless = assert.rejects(askServer(database.target, 'do $$ begin loop end loop; end $$', client.signal));
  const seen = "select 1 / count(*) from pg_stat_activity where state = 'active' and query like 'do $$ begin%'";
  const isSeen = () =>
    run(database, seen).then(
      () => true,
      () => false,
    );
  await until(isSeen);
  client.abort();
  await endless;
  await database.kill9();
  await database.start();
  await run(database, 'select 1');
  assert.equal(await isSeen(), false);
});

test('a pid file whose pid now belongs to another program of the same user does not hinder a start', async (t) => {
  const folder = await temporaryFolder(t);
  const killed = otherRun(t, folder);
  await untilReady(killed);
  await killRun(killed);
  const pidFile = join(folder, 'postgres', '18', 'postmaster.pid');
  const [pid = '', ...rest] = (await readFile(pidFile, 'utf8')).split('\n');
  const { uid, gid } = await stat(pidFile);
  process.kill(Number(pid), 'SIGKILL');
  const bystander = await startChild({ command: '/bin/sleep', args: ['60'], uid, gid, onLine: () => {} });
  t.after(() => stopProcess(bystander.identity, { signal: 'SIGKILL', graceMs: 0 }));
  await writeFile(pidFile, [String(bystander.identity.pid), ...rest].join('\n'));
  const server = await runningServer(t, folder);
  assert.equal(server.adopted, false);
  assert.doesNotThrow(() => process.kill(bystander.identity.pid, 0), 'and leaves that program alone');
});

test('a server that ends at once says why, instead of waiting for it to be ready', async (t) => {
  const folder = await temporaryFolder(t);
  const server = await runningServer(t, folder);
  await server.stop();
  await writeFile(join(folder, 'postgres', '18', 'postgresql.conf'), 'no_such_setting = 1\n');
  await server.start();
  const ended = server.ready(AbortSignal.timeout(10_000));
  await assert.rejects(ended, { code: 'DatabaseUnavailable', message: /no_such_setting/ });
});

test('waiting for the database ends when it is told to', async (t) => {
  const folder = await temporaryFolder(t);
  const server = await createEmbeddedPostgres({ dataDir: folder, onLog: () => {} });
  t.after(() => server.stop());
  await server.start();
  await assert.rejects(server.ready(AbortSignal.abort(new Error('enough'))), /enough/);
  await server.ready(AbortSignal.timeout(10_000));
});
