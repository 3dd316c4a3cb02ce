import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { isAlive } from '../../runtime/child.ts';
import { connectOptions } from '../../runtime/temporal/connect.ts';
import { startTemporal, type Temporal, type TemporalOptions } from '../../runtime/temporal/embedded.ts';
import { ensureNamespace, LIBRARY_ATTRIBUTE } from '../../runtime/temporal/namespace.ts';
import { writeMarker } from '../../runtime/temporal/state.ts';
import { script } from '../support/scripts.ts';
import { sharedTemporal } from '../support/temporal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const env = { ...process.env, TEMPORAL_ADDRESS: '' };

/** One data folder; whatever was started on it ends with the test. */
async function dataFolder(t: TestContext) {
  const servers: Temporal[] = [];
  // Hooks run in the order of their registration, and a server whose files are gone does not end on SIGTERM.
  t.after(() => Promise.all(servers.map((server) => server.stop())));
  const dataDir = await temporaryFolder(t);
  const state = join(dataDir, 'temporal', 'state');
  const said: string[] = [];
  const onLog: TemporalOptions['onLog'] = ({ msg, details }) => said.push(`${msg} ${JSON.stringify(details ?? {})}`);
  const start = async (options: Partial<TemporalOptions> = {}) => {
    const server = await startTemporal({ dataDir, env, port: 0, uiPort: 0, onLog, ...options });
    servers.push(server);
    return server;
  };
  const setAside = async () => (await readdir(join(dataDir, 'temporal'))).filter((name) => name.startsWith('state.'));
  return { dataDir, state, said, start, setAside };
}

async function connect(t: TestContext, server: Temporal) {
  const { connectionOptions, namespace } = await connectOptions({ env, embedded: server });
  const connection = await Connection.connect(connectionOptions);
  t.after(() => connection.close());
  return { connection, client: new Client({ connection, namespace }) };
}

async function startWorkflow(t: TestContext, server: Temporal, workflowId: string) {
  const { connection, client } = await connect(t, server);
  await ensureNamespace(connection, { namespace: server.namespace, embedded: true });
  await client.workflow.start('nothing', { taskQueue: 'nobody', workflowId });
}

async function statusOf(t: TestContext, server: Temporal, workflowId: string): Promise<string> {
  const { client } = await connect(t, server);
  return (await client.workflow.getHandle(workflowId).describe()).status.name;
}

function processOf(server: Temporal, name = 'temporal') {
  const found = server.children().find((child) => child.name === name)?.child;
  assert.ok(found !== undefined, `${name} runs`);
  return found;
}

async function killHard(server: Temporal): Promise<void> {
  const { identity, exited } = processOf(server);
  process.kill(identity.pid, 'SIGKILL');
  assert.equal(await exited, 'signal SIGKILL');
}

test('server and Web UI answer on loopback, are remembered by pid, and stop leaves nothing running', async (t) => {
  const { start, state, said } = await dataFolder(t);
  const server = await start();
  assert.equal(server.fresh, true);
  assert.match(server.address, /^127\.0\.0\.1:\d+$/);
  const page = await fetch(`${server.uiUrl}/`);
  assert.match(await page.text(), /<html/);
  const children = server.children();
  const pids: unknown = JSON.parse(await readFile(join(state, 'pids.json'), 'utf8'));
  assert.deepEqual(pids, Object.fromEntries(children.map(({ name, child }) => [name, child.identity])));
  await server.stop();
  assert.deepEqual(
    children.filter(({ child }) => isAlive(child.identity)),
    [],
  );
  assert.deepEqual(said, []);
});

test('kill -9 of the server loses no workflow: the same service starts again on the same port', async (t) => {
  const { start } = await dataFolder(t);
  const server = await start();
  await startWorkflow(t, server, 'kept');
  await killHard(server);
  const [service] = server.services;
  assert.ok(service !== undefined);
  await service.start();
  await service.ready(AbortSignal.timeout(60_000));
  assert.equal(await statusOf(t, server, 'kept'), 'RUNNING');
});

test('a clean stop and a second start go on with the state; fresh holds until the refill is confirmed', async (t) => {
  const { start } = await dataFolder(t);
  const first = await start();
  await startWorkflow(t, first, 'kept');
  await first.stop();
  const second = await start();
  assert.equal(second.fresh, true);
  assert.equal(second.address, first.address);
  assert.equal(await statusOf(t, second, 'kept'), 'RUNNING');
  await second.refilled();
  await second.stop();
  assert.equal((await start()).fresh, false);
});

test('a second start takes over from the server that a killed run left behind', async (t) => {
  const { start, said } = await dataFolder(t);
  const left = await start();
  await startWorkflow(t, left, 'kept');
  const { identity } = processOf(left);
  const second = await start();
  assert.equal(isAlive(identity), false);
  assert.ok(
    said.some((line) => line.startsWith('a server left over') && line.includes(`"pid":${identity.pid}`)),
    said.join('\n'),
  );
  assert.equal(await statusOf(t, second, 'kept'), 'RUNNING');
});

test('a server whose pid was not written down in time is found by its command line', async (t) => {
  const { start, state } = await dataFolder(t);
  const { identity } = processOf(await start());
  await writeFile(join(state, 'pids.json'), '{}');
  await start();
  assert.equal(isAlive(identity), false);
});

test('state of another version is set aside and an empty server is started', async (t) => {
  const { start, state, setAside, said } = await dataFolder(t);
  const first = await start();
  await startWorkflow(t, first, 'forgotten');
  await first.stop();
  await writeMarker(state, { kind: 'compiled', version: '1.20.0', clusterId: 'any', refilled: true });
  const second = await start();
  assert.equal(second.fresh, true);
  await assert.rejects(statusOf(t, second, 'forgotten'), /not found/);
  const [old = '', ...more] = await setAside();
  assert.match(old, /^state\.compiled-1\.20\.0\./);
  assert.deepEqual(more, []);
  assert.match(said.join('\n'), /was set aside .*1\.20\.0/);
});

test('a corrupt database is set aside, and an empty server is started', async (t) => {
  const { start, state, setAside, said } = await dataFolder(t);
  const first = await start();
  await first.refilled();
  await first.stop();
  await writeFile(join(state, 'temporal.db'), 'this is no database, '.repeat(1000));
  await rm(join(state, 'temporal.db-wal'));
  const second = await start();
  assert.equal(second.fresh, true);
  assert.equal((await setAside()).length, 1);
  assert.match(said.join('\n'), /was set aside .*file is not a database/);
});

test('a server that silently begins anew, because its write-ahead log was lost, is fresh', async (t) => {
  const { start, state } = await dataFolder(t);
  const first = await start();
  await first.refilled();
  await first.stop();
  await rm(join(state, 'temporal.db-wal'));
  assert.equal((await start()).fresh, true);
});

test('files that are not to blame for a failed start are put back', async (t) => {
  const { dataDir, start, setAside } = await dataFolder(t);
  const first = await start();
  await startWorkflow(t, first, 'kept');
  await first.stop();
  const cache = join(dataDir, 'cache');
  const bin = join(dataDir, 'bin');
  const fails = `echo "no such machine instruction"; exit 3`;
  const version = `echo "temporal version 1.0.0 (Server ${first.version}, UI 1.0.0)"`;
  if (first.kind === 'cli') await script(bin, 'temporal', `case "$*" in --version) ${version};; *) ${fails};; esac`);
  await script(join(cache, 'darkroom/temporal/server-1.32.1'), 'server', fails);
  await script(join(cache, 'darkroom/temporal/ui-2.55.0'), 'server', 'exec sleep 60');
  await assert.rejects(
    start({ env: { ...env, XDG_CACHE_HOME: cache, PATH: `${bin}:${process.env['PATH']}` } }),
    /^EndedEarly: temporal ended before it was ready \(exit code 3\): no such machine instruction/,
  );
  assert.deepEqual(await setAside(), []);
  assert.equal(await statusOf(t, await start(), 'kept'), 'RUNNING');
});

test('a port in use is a clear error, and the state is left alone', async (t) => {
  const { start, setAside } = await dataFolder(t);
  const first = await start();
  await first.refilled();
  await first.stop();
  const port = Number(first.address.split(':')[1]);
  const other = createServer().listen({ port: port + 1, host: '127.0.0.1' });
  t.after(() => other.close());
  await once(other, 'listening');
  await assert.rejects(start({ port }), new RegExp(`Port ${port + 1} .* is in use.*DARKROOM_TEMPORAL_PORT`));
  assert.deepEqual(await setAside(), []);
});

test('ensuring the namespace twice is harmless, and the search attribute can be used at once', async (t) => {
  const { connection } = await connect(t, await sharedTemporal());
  for (const namespace of ['default', 'another']) {
    const ensure = () => ensureNamespace(connection, { namespace, embedded: true });
    await Promise.all([ensure(), ensure()]);
    await ensure();
    const client = new Client({ connection, namespace });
    const holiday = [{ key: defineSearchAttributeKey(LIBRARY_ATTRIBUTE, 'KEYWORD'), value: 'holiday' }];
    const start = { taskQueue: 'nobody', workflowId: 'one', typedSearchAttributes: holiday };
    await client.workflow.start('nothing', start);
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    assert.equal(Number(config?.workflowExecutionRetentionTtl?.seconds), 86_400);
  }
});

test('another retention is set on the namespace that is there, and none where nothing is said or the server is not ours', async (t) => {
  const { connection } = await connect(t, await sharedTemporal());
  const namespace = 'kept';
  const after = async (retentionMs: number | undefined, embedded = true) => {
    await ensureNamespace(connection, { namespace, embedded, retentionMs });
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    return Number(config?.workflowExecutionRetentionTtl?.seconds);
  };
  assert.equal(await after(3_600_000), 3_600, 'the shortest, at its creation');
  assert.equal(await after(30 * 86_400_000), 30 * 86_400, 'the longest, later');
  assert.equal(await after(undefined), 30 * 86_400);
  assert.equal(await after(3_600_000, false), 30 * 86_400);
});

test('on a server that is not ours a missing namespace is an error with the command to run', async (t) => {
  const { dataDir } = await dataFolder(t);
  const ours = await sharedTemporal();
  const theirEnv = { TEMPORAL_ADDRESS: ours.address, TEMPORAL_NAMESPACE: 'photos' };
  const external = await startTemporal({ dataDir, env: theirEnv, onLog: () => {} });
  assert.deepEqual([external.kind, external.services, external.namespace], ['external', [], 'photos']);
  const { connectionOptions, namespace } = await connectOptions({ env: theirEnv });
  const connection = await Connection.connect(connectionOptions);
  t.after(() => connection.close());
  await assert.rejects(
    ensureNamespace(connection, { namespace, embedded: false }),
    /^ConfigError: .*temporal operator namespace create --namespace photos/,
  );
});
