import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';
import { kill9, processesOf } from './mixed/processes.ts';

test("Temporal's files deleted while it runs, and its end: work goes on by itself, and no finished call is repeated", async (t) => {
  const folder = path.join(await temporaryFolder(t), 'library');
  await makePhotos(folder, 24, 6);
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 400 }) });
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url] });
  await up.until('four calls are finished', () => host.total.finished >= 4);

  await rm(path.join(up.dataDir, 'temporal', 'state'), { recursive: true });
  kill9(processesOf(up.dataDir).flatMap(({ pid, role }) => (role === 'temporal' ? [pid] : [])));

  await up.until('all are described', async () => (await up.counts()).done === 24, 120_000);
  assert.ok(host.total.calls <= 18 + 1, `${host.total.calls} calls: more than the one in flight was repeated`);
  assert.equal((await up.stop()).code, 0);
});
