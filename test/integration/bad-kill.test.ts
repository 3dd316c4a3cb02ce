import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { entry, processesOn } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

test('kill -9 of up: the next one takes over its Postgres, ends its Temporal, goes on, and leaves nothing', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(folder, 12);
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 300 }) });
  t.after(() => host.off());

  const first = await startUp(t, { folders: [folder], hosts: [host.url], dataDir });
  await first.until('three calls are finished', () => host.total.finished >= 3);
  const [postgres, temporal] = await Promise.all([first.pid('postgres'), first.pid('temporal')]);
  await first.kill();

  const second = await startUp(t, { folders: [], hosts: [host.url], dataDir });
  await second.said(/embedded Postgres .*left over from an earlier run and taken over/);
  await second.said(/^ready/);
  assert.equal(await second.pid('postgres'), postgres);
  assert.notEqual(await second.pid('temporal'), temporal);
  await second.until('all are described', async () => (await second.counts()).done === 12);
  assert.ok(host.total.calls <= 13, `${host.total.calls} calls: more than the one in flight was repeated`);
  const { code, ms } = await second.stop();
  assert.equal(code, 0);
  assert.ok(ms < 10_000, `${ms} ms`);
  assert.deepEqual(await processesOn(dataDir), []);
});

test('a reader of its output that goes away does not end up, and it still stops cleanly', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(folder, 1);
  const host = await startScriptedHost();
  t.after(() => host.off());
  await host.off();
  const env = { DARKROOM_DATA_DIR: dataDir, VISION_HOSTS: host.url, VISION_MODEL: host.model };
  const servers = {
    DARKROOM_TEMPORAL_PORT: '0',
    DARKROOM_TEMPORAL_UI_PORT: '0',
    DARKROOM_HTTP_ADDRESS: '127.0.0.1:0',
    DATABASE_URL: '',
    TEMPORAL_ADDRESS: '',
  };
  const up = spawn(process.execPath, [entry, 'up', folder], {
    env: { ...process.env, ...servers, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => up.kill('SIGKILL'));
  await once(createInterface({ input: up.stdout }), 'line');
  // As `darkroom up | head -1` does.
  up.stdout.destroy();
  up.stderr.destroy();

  await host.on();
  for (const until = Date.now() + 60_000; host.total.finished === 0 && Date.now() < until;) await sleep(100);
  assert.equal(host.total.finished, 1, await readFile(path.join(dataDir, 'logs', 'darkroom.log'), 'utf8'));
  up.kill('SIGINT');
  assert.deepEqual(await once(up, 'exit'), [0, null]);
  assert.deepEqual(await processesOn(dataDir), []);
});
