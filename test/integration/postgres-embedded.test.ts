import assert from 'node:assert/strict';
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import postgres from 'postgres';
import { createEmbeddedPostgres } from '../../runtime/database/embedded.ts';
import { postgresOptions } from '../../runtime/database/target.ts';
import { killRun, otherRun, runningServer, until, untilReady } from '../support/embedded-run.ts';
import { testDatabase } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('the database keeps what it is told on the disk, listens to nobody outside, and knows Cyrillic letters', async (t) => {
  const { target, log } = await testDatabase();
  const sql = postgres(postgresOptions(target, { max: 1 }).options);
  t.after(() => sql.end());
  const show = async (name: string): Promise<unknown> =>
    (await sql`select current_setting(${name}) as value`)[0]?.['value'];
  assert.equal(await show('fsync'), 'on');
  assert.equal(await show('listen_addresses'), '');
  assert.equal(await show('server_encoding'), 'UTF8');
  assert.equal((await sql`select lower('ЖЁЛТЫЙ') as low`)[0]?.['low'], 'жёлтый');
  assert.equal((await sql`select usesuper from pg_user where usename = current_user`)[0]?.['usesuper'], false);
  assert.equal((await stat(target.socketDir)).mode & 0o777, 0o700);
  assert.ok(Buffer.byteLength(target.socketDir) < 80);
  assert.deepEqual(
    log.filter(({ level }) => level !== 'debug'),
    [],
  );
});

test('what is wrong in the database is passed on with its level, but never the statement: it holds what people wrote', async (t) => {
  const { target, log } = await testDatabase();
  const sql = postgres(postgresOptions(target, { max: 1 }).options);
  t.after(() => sql.end());
  await assert.rejects(sql`select 'a private description' from nowhere`);
  await until(async () => log.some(({ level, msg }) => level === 'error' && msg.includes('nowhere')));
  assert.ok(!log.some(({ msg }) => msg.includes('private')));
});

test('a stop ends while clients are in the middle of something, and takes its socket folder with it', async (t) => {
  const folder = await temporaryFolder(t);
  const server = await runningServer(t, folder);
  const sql = postgres(postgresOptions(server.connection, { max: 1 }).options);
  const waiting = assert.rejects(sql`select pg_sleep(60)`);
  await until(async () => (await sqlCount(server.connection)) > 0);
  await server.stop();
  await waiting;
  await sql.end({ timeout: 0 });
  await assert.rejects(stat(server.connection.socketDir), { code: 'ENOENT' });
  await assert.rejects(stat(join(folder, 'postgres', '18', 'postmaster.pid')), { code: 'ENOENT' });
});

const exists = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined;

async function sqlCount(target: Parameters<typeof postgresOptions>[0]): Promise<number> {
  const sql = postgres(postgresOptions(target, { max: 1 }).options);
  const rows = await sql`select 1 from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()`;
  await sql.end();
  return rows.length;
}

test('a server that a killed run left behind is taken over, with its connections, and stopped in the end', async (t) => {
  const folder = await temporaryFolder(t);
  const killed = otherRun(t, folder);
  await untilReady(killed);
  await killRun(killed);
  const server = await createEmbeddedPostgres({ dataDir: folder, onLog: () => {} });
  t.after(() => server.stop());
  assert.equal(server.adopted, true);
  const child = await server.start();
  await server.ready(AbortSignal.timeout(10_000));
  await server.stop();
  assert.equal(await child.exited, 'gone');
  const again = await createEmbeddedPostgres({ dataDir: folder, onLog: () => {} });
  assert.equal(again.adopted, false);
});

test('a server left behind whose socket was tidied away is stopped, and a new one started', async (t) => {
  const folder = await temporaryFolder(t);
  const killed = otherRun(t, folder);
  await untilReady(killed);
  await killRun(killed);
  const first = await createEmbeddedPostgres({ dataDir: folder, onLog: () => {} });
  t.after(() => first.stop());
  await rename(first.connection.socketDir, join(folder, 'tidied'));
  const second = await runningServer(t, folder);
  assert.equal(second.adopted, false);
});

test('a run that is killed while it makes the database leaves nothing that hinders the next one', async (t) => {
  const folder = await temporaryFolder(t);
  const killed = otherRun(t, folder);
  const made = async () =>
    (await readdir(join(folder, 'postgres')).catch(() => [])).find((name) => name.startsWith('18.new-'));
  await until(async () => {
    const name = await made();
    return name !== undefined && (await exists(join(folder, 'postgres', name, 'PG_VERSION')));
  });
  await killRun(killed);
  await runningServer(t, folder);
  assert.deepEqual(await readdir(join(folder, 'postgres')), ['18']);
});

test('a torn database without tables is set aside, with a warning', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'postgres', '18', 'base', '1'), { recursive: true });
  await writeFile(join(folder, 'postgres', '18', 'PG_VERSION'), '18\n');
  const server = await runningServer(t, folder);
  assert.match((await readdir(join(folder, 'postgres'))).join(' '), /^18 18\.torn-\d+$/);
  assert.ok(server.log.some(({ level, msg }) => level === 'warn' && /set aside/.test(msg)));
});

test('a database of another version, or a damaged one with tables in it, is never touched', async (t) => {
  const folder = await temporaryFolder(t);
  const cluster = join(folder, 'postgres', '18');
  await mkdir(join(cluster, 'base', '16385'), { recursive: true });
  await writeFile(join(cluster, 'PG_VERSION'), '17\n');
  const create = () => createEmbeddedPostgres({ dataDir: folder, onLog: () => {} });
  await assert.rejects(create(), { code: 'BadConfig', message: /made by Postgres 17, .*DARKROOM_DATA_DIR/ });
  await writeFile(join(cluster, 'PG_VERSION'), '18\n');
  await assert.rejects(create(), { code: 'BadConfig', message: /is damaged .* holds tables/ });
  assert.deepEqual((await readdir(cluster)).sort(), ['PG_VERSION', 'base']);
});
