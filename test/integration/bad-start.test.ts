import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from '../../adapters/postgres/connection.ts';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { postgresOptions, socketPath } from '../../runtime/database/target.ts';
import { darkroom, processesOn } from '../support/darkroom-command.ts';
import { freePort } from '../support/free-port.ts';
import { makePhotos } from '../support/photos.ts';
import { testDatabase } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { startUp } from '../support/up.ts';

/** Nothing listens there: photos would wait. */
const noHost = 'http://127.0.0.1:9';

test('settings that are wrong are all reported at once, before anything starts', async (t) => {
  const home = await temporaryFolder(t);
  const dataDir = path.join(home, 'data');
  const ended = await darkroom(['up', home], {
    DARKROOM_DATA_DIR: dataDir,
    VISION_SLOTS: 'many',
    VISION_HOSTS: 'gpu-box:11434',
    DATABASE_URL: 'mysql://x',
    WATCH_POLL: 'sometimes',
  });
  assert.deepEqual([ended.code, ended.out], [2, '']);
  for (const name of ['VISION_SLOTS', 'VISION_HOSTS', 'DATABASE_URL', 'WATCH_POLL']) {
    assert.match(ended.err, new RegExp(`^  ${name}: .+`, 'm'));
  }
  assert.deepEqual(await processesOn(dataDir), []);
});

test('a port in use is named with its setting, and nothing is left running', async (t) => {
  const home = await temporaryFolder(t);
  const dataDir = path.join(home, 'data');
  const taken = createServer();
  t.after(() => taken.close());
  taken.listen(await freePort(), '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  assert.ok(typeof address === 'object' && address !== null);
  const env = { DARKROOM_DATA_DIR: dataDir, DARKROOM_TEMPORAL_PORT: String(address.port) };
  // The second time the database is there already, and is faster than the look at the port.
  for (const attempt of [1, 2]) {
    const ended = await darkroom(['up', home], env);
    assert.equal(ended.code, 2, `attempt ${attempt}: ${ended.err}`);
    assert.match(
      ended.err,
      new RegExp(`^Port ${address.port} on 127\\.0\\.0\\.1 is in use.* Set DARKROOM_TEMPORAL_PORT`),
    );
    assert.doesNotMatch(ended.out, /started again/);
    await sleep(500);
    assert.deepEqual(await processesOn(dataDir), []);
  }
});

test('commands say what to do while nothing runs, and a second up on the same folder is refused', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(folder, 1);
  const env = { DARKROOM_DATA_DIR: dataDir };
  const photo = path.join(folder, 'IMG_0000.jpg');
  for (const args of [['status'], ['status', '--json'], ['trace', photo], ['describe', photo], ['export']]) {
    const { code, out, err } = await darkroom(args, env);
    assert.deepEqual([code, out], [3, ''], args.join(' '));
    assert.match(err, /^Darkroom does not run on .*\. Start it with "darkroom up", or set DARKROOM_DATA_DIR/);
  }
  const doctor = await darkroom(['doctor', '--json'], env);
  assert.equal(typeof JSON.parse(doctor.out), 'object');

  const up = await startUp(t, { folders: [folder], hosts: [noHost], dataDir });
  await up.said(/^ready/);
  const second = await darkroom(['up', folder], env);
  assert.equal(second.code, 2);
  assert.match(
    second.err,
    /^Darkroom already runs on this data folder \(pid \d+, since .* UTC\): use `darkroom status`/,
  );
  assert.equal((await darkroom(['status'], env)).code, 0, 'the first one goes on');
  assert.equal((await up.stop()).code, 0);
  assert.deepEqual(await processesOn(dataDir), []);
});

test('Ctrl-C at any moment of the start leaves nothing running', async (t) => {
  const home = await temporaryFolder(t);
  const dataDir = path.join(home, 'data');
  for (const said of [/^Darkroom /, /web UI/, /^Ctrl-C stops/]) {
    for (const afterMs of [0, 250]) {
      const up = await startUp(t, { folders: [home], hosts: [noHost], dataDir });
      await up.said(said);
      await sleep(afterMs);
      const { code, ms } = await up.stop();
      assert.equal(code, 0, up.lines.join('\n'));
      assert.ok(ms < 10_000, `${ms} ms`);
      assert.match(up.lines.at(-1) ?? '', /^stopped/);
      await sleep(300);
      assert.deepEqual(await processesOn(dataDir), []);
    }
  }
});

test('a second Ctrl-C does not wait for calls in flight, and leaves nothing running', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'library');
  await makePhotos(folder, 1);
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 60_000 }) });
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url] });
  await up.said(/^ready/);
  await up.until('the call is under way', () => host.total.calls === 1);
  process.kill((await up.run()).supervisor.pid, 'SIGINT');
  await up.said(/^stopping: .* a second Ctrl-C does not wait/);
  const { code, ms } = await up.stop();
  assert.equal(code, 0);
  assert.ok(ms < 7_000, `${ms} ms: the call in flight was given its 8 s all the same`);
  assert.deepEqual(await processesOn(up.dataDir), []);
});

test('a database or a Temporal that does not answer is named and waited for, and Ctrl-C ends the wait', async (t) => {
  const home = await temporaryFolder(t);
  const port = await freePort();
  const away = [
    [
      { DATABASE_URL: `postgres://u:secret@127.0.0.1:${port}/x` },
      /^Waiting for the database.*ECONNREFUSED.*DATABASE_URL/,
    ],
    [{ TEMPORAL_ADDRESS: `127.0.0.1:${port}` }, /^Waiting for Temporal, .*TEMPORAL_ADDRESS.*127\.0\.0\.1:\d+/],
  ] as const;
  for (const [env, words] of away) {
    const up = await startUp(t, { folders: [home], hosts: [noHost], env });
    await up.said(words);
    const { code, ms } = await up.stop();
    assert.equal(code, 0);
    assert.ok(ms < 5_000, `${ms} ms`);
    assert.doesNotMatch(up.lines.join('\n'), /secret|ready|is started again/);
    assert.deepEqual(await processesOn(up.dataDir), []);
  }
});

test('a database of a newer Darkroom is refused with words instead of being tried for ever', async (t) => {
  const home = await temporaryFolder(t);
  const { target } = await testDatabase();
  const address = postgresOptions(target, { max: 1 });
  await migrate(address, fileURLToPath(new URL('../../migrations', import.meta.url)));
  const database = connect(address, { max: 1 });
  await database.run(
    (sql) => sql`insert into darkroom.migration (number, name, checksum) values (9999, '9999_later.sql', 'x')`,
  );
  await database.close();
  // The test's server has a socket only; a person's has a port.
  const onPort = createServer((caller) => {
    const server = createConnection(socketPath(target.socketDir));
    for (const end of [caller, server])
      end.on('error', () => {
        caller.destroy();
        server.destroy();
      });
    caller.pipe(server).pipe(caller);
  });
  t.after(() => onPort.close());
  const port = await freePort();
  onPort.listen(port, '127.0.0.1');
  const url = `postgres://${target.user}@127.0.0.1:${port}/${target.database}`;
  const env = { DARKROOM_DATA_DIR: path.join(home, 'data'), DATABASE_URL: url };
  const ended = await darkroom(['up', home], env);
  assert.equal(ended.code, 2, ended.out + ended.err);
  assert.match(
    ended.err,
    /made by a newer Darkroom: it has migration 9999_later\.sql.* Update Darkroom, or point DATABASE_URL/,
  );
  assert.doesNotMatch(ended.out, /is started again/);
  assert.deepEqual(await processesOn(env.DARKROOM_DATA_DIR), []);
});
