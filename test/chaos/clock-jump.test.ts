import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

const preload = fileURLToPath(new URL('../support/clock-preload.ts', import.meta.url));
const hour = 3_600_000;

test('our clock set an hour ahead, then two back, in the middle: every photo is described, and asked about once', async (t) => {
  const home = await temporaryFolder(t);
  const folder = path.join(home, 'library');
  const clock = path.join(home, 'clock');
  await writeFile(clock, '0');
  await makePhotos(folder, 18, 3);
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 700 }) });
  t.after(() => host.off());
  const env = { NODE_OPTIONS: `--import=${preload}`, CLOCK_FILE: clock };
  const up = await startUp(t, { folders: [folder], hosts: [host.url], env });

  await up.until('four calls are finished', () => host.total.finished >= 4);
  await writeFile(clock, String(hour));
  await up.until('eight calls are finished', () => host.total.finished >= 8);
  // New files have times that lie an hour ahead of ours from here on.
  await writeFile(clock, String(-hour));
  await makePhotos(path.join(folder, 'more'), 3, 0, { width: 330 });

  await up.until('all are described', async () => (await up.counts()).done === 21, 90_000);
  assert.deepEqual({ calls: host.total.calls, finished: host.total.finished }, { calls: 18, finished: 18 });
  assert.equal((await up.stop()).code, 0);
});
