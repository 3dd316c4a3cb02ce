import assert from 'node:assert/strict';
import { mkdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { noticedFiles } from '../support/noticed-files.ts';
import { tempFolder } from '../support/temp-folder.ts';

const limits = { timeout: 30_000 };

/** A watch would be a mistake here: it would notice what only a scan may. */
const polled = (t: TestContext, root: string) =>
  noticedFiles(t, root, {
    poll: 'on',
    openWatch: () => {
      throw new Error('a folder was watched');
    },
  });

test('new files are found by a scan, old ones are not told, nor any file twice', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  for (const path of ['old.jpg', 'a/old.jpg', 'b/old.jpg']) await write(path);
  const noticed = await polled(t, root);
  await write('a/new.jpg');
  await write('a/notes.txt');
  await noticed.until(() => noticed.paths.length > 0);
  await write('b/new.jpg');
  await noticed.until(() => noticed.paths.includes('b/new.jpg'));
  assert.deepEqual(noticed.paths, ['a/new.jpg', 'b/new.jpg']);
});

test('files in new folders, moved folders and replaced folders are found', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  await write('a/1.jpg');
  await mkdir(join(root, '../elsewhere'));
  const noticed = await polled(t, root);
  await write('n/deep/2.jpg');
  await noticed.until(() => noticed.paths.includes('n/deep/2.jpg'));
  await rename(join(root, 'n'), join(root, 'm'));
  await noticed.until(() => noticed.paths.includes('m/deep/2.jpg'));
  assert.ok(!noticed.paths.includes('a/1.jpg'));
  await write('.other/1.jpg');
  await rename(join(root, 'a'), join(root, '../elsewhere/a'));
  await rename(join(root, '.other'), join(root, 'a'));
  await noticed.until(() => noticed.paths.includes('a/1.jpg'));
});

test('a file that is moved in with its old date is found by its name', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  await write('1.jpg');
  await write('2.jpg');
  await utimes(join(root, '2.jpg'), 1, 1);
  await rename(join(root, '2.jpg'), join(root, '../2.jpg'));
  const noticed = await polled(t, root);
  await rename(join(root, '../2.jpg'), join(root, '2.jpg'));
  await noticed.until(() => noticed.paths.length > 0);
  assert.deepEqual(noticed.paths, ['2.jpg']);
});

test('a known name with other bytes is left to the full scan', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  for (const path of ['a.jpg', 'b.jpg']) await write(path);
  const noticed = await polled(t, root);
  await write('.a.tmp', 'edited');
  await rename(join(root, '.a.tmp'), join(root, 'a.jpg'));
  await write('c.jpg');
  await noticed.until(() => noticed.paths.length > 0);
  assert.deepEqual(noticed.paths, ['c.jpg']);
});

test('a share that goes and comes back makes nothing news, and what came meanwhile is found', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  for (const path of ['1.jpg', 'a/2.jpg']) await write(path);
  const noticed = await polled(t, root);
  await rename(root, `${root}-away`);
  await mkdir(root);
  await noticed.until(() => noticed.warnings.length > 0);
  await rm(root, { recursive: true });
  await rename(`${root}-away`, root);
  await write('a/3.jpg');
  await noticed.until(() => noticed.paths.length > 0);
  assert.deepEqual(noticed.paths, ['a/3.jpg']);
  assert.equal(noticed.warnings.length, 1);
});

test('a folder on a network mount is scanned unless told otherwise, and asks for full scans', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  const onNfs = {
    readMounts: async () => `30 27 0:40 / ${root} rw - nfs4 nas:/photos rw\n`,
    timing: { fullScanMs: 20 },
  };
  const scanned = await noticedFiles(t, root, onNfs);
  await scanned.until(() => scanned.scans.length > 1);
  assert.deepEqual(new Set(scanned.scans), new Set(['a full scan is due']));
  const watched = await noticedFiles(t, root, { ...onNfs, poll: 'off' });
  await write('1.jpg');
  await watched.until(() => watched.paths.length > 0 && scanned.paths.length > 0);
  assert.deepEqual(watched.scans, []);
});
