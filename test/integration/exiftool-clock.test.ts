import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createExiftool } from '../../adapters/picture/exiftool.ts';
import { makeJpeg } from '../support/photos.ts';
import { script } from '../support/scripts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('exiftool that ends after the clock was set back misses one photo, not an hour of them', async (t) => {
  const folder = await temporaryFolder(t);
  const [file, pid] = [path.join(folder, 'a.jpg'), path.join(folder, 'pid')];
  await writeFile(file, await makeJpeg(1));
  const perl = await script(folder, 'perl', `echo $$ > ${pid}; exec /usr/bin/env perl "$@"`);
  const exiftool = createExiftool({ perl, timeoutMs: 1_000 });
  t.after(() => exiftool.close());
  const isRead = () =>
    exiftool.read(file).then(
      ({ make }) => make === 'Testcam',
      () => false,
    );
  assert.equal(await isRead(), true);

  const { now } = Date;
  t.mock.method(Date, 'now', () => now() - 3_600_000);
  process.kill(Number(await readFile(pid, 'utf8')), 'SIGKILL');
  await sleep(200);
  assert.deepEqual([await isRead(), await isRead(), await isRead()], [false, true, true]);
});
