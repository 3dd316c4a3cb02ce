import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { photoRuns } from '../support/history.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

test('the database away for two minutes: under 40 events for the photo, nothing lost', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'library');
  await makePhotos(folder, 1);
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 6_000 }) });
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url] });
  const run = await up.said(/^ready/).then(() => up.run());
  await up.until('the call is under way', () => host.total.calls === 1);

  // Its folder is moved away, so that the supervisor's attempts to start it again fail until it is back.
  const cluster = path.join(up.dataDir, 'postgres');
  await rename(cluster, `${cluster}.away`);
  process.kill(await up.pid('postgres'), 'SIGKILL');
  await sleep(120_000);
  await rename(`${cluster}.away`, cluster);

  await up.until('it is described', async () => (await up.counts().catch(() => ({ done: 0 }))).done === 1, 120_000);
  const runs = await photoRuns(run);
  assert.equal(runs.length, 1);
  for (const { events, status } of runs) {
    assert.ok(events < 40, `${events} events`);
    t.diagnostic(`${events} events, ${status}`);
  }
  t.diagnostic(`${host.total.calls} calls, ${host.total.finished} finished`);
});

test('kill -9 of Postgres in the middle: it is started again and everything finishes alone', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'library');
  await makePhotos(folder, 20);
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 200 }) });
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url] });
  await up.said(/^ready/);
  await up.until('six calls are finished', () => host.total.finished >= 6);
  process.kill(await up.pid('postgres'), 'SIGKILL');
  await up.until('all are described', async () => (await up.counts().catch(() => ({ done: 0 }))).done === 20, 120_000);
  for (const { finished } of host.pictures.values()) assert.ok(finished >= 1);
});
