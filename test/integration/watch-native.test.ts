import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { createWatcher } from '../../adapters/folder/watcher.ts';
import { noticedFiles } from '../support/noticed-files.ts';
import { tempFolder } from '../support/temp-folder.ts';

const limits = { timeout: 30_000 };

test('new and changed photos are noticed, what was there before is not', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  for (const path of ['old.jpg', 'a/old.jpg']) await write(path);
  const noticed = await noticedFiles(t, root);
  await write('new.jpg');
  await noticed.until(() => noticed.paths.length > 0);
  await write('a/old.jpg', 'edited');
  await noticed.until(() => noticed.paths.length > 1);
  await write('notes.txt');
  await write('b.cr2');
  await noticed.until(() => noticed.paths.length > 2);
  assert.deepEqual(noticed.paths, ['new.jpg', 'a/old.jpg', 'b.cr2']);
});

test('many writes to one file are told together', limits, async (t) => {
  const { root } = await tempFolder(t);
  const noticed = await noticedFiles(t, root);
  for (let index = 0; index < 200; index += 1) appendFileSync(join(root, 'a.jpg'), 'x');
  await writeFile(join(root, 'z.jpg'), 'last');
  await noticed.until(() => noticed.paths.includes('z.jpg'));
  assert.deepEqual(noticed.paths, ['a.jpg', 'z.jpg']);
});

test('names with newlines, emoji and stray bytes are noticed by their bytes', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  const told: Buffer[] = [];
  const noticed = await noticedFiles(t, root, { onFile: (rawPath) => void told.push(Buffer.from(rawPath)) });
  const names = ['a\nb.jpg', '🏖️ x.jpg'].map((name) => Buffer.from(name));
  const stray = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('/caf\xe9.jpg', 'latin1')]);
  for (const path of [...names, stray]) await write(path);
  await noticed.until(() => told.length >= 3);
  const byBytes = (list: Buffer[]) => list.map((path) => path.toString('hex')).sort();
  assert.deepEqual(byBytes(told), byBytes([...names, stray]));
});

test('files in folders that come, deep ones too, are noticed however fast they come', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  const noticed = await noticedFiles(t, root);
  const paths = Array.from({ length: 60 }, (_, index) => `n${index % 6}/deep/er/${index}.jpg`);
  await Promise.all(paths.map((path) => write(path)));
  await noticed.until(() => new Set(noticed.paths).size === paths.length);
  noticed.forget();
  await write('n0/deep/er/later.jpg');
  await noticed.until(() => noticed.paths.length > 0);
  assert.deepEqual(noticed.paths, ['n0/deep/er/later.jpg']);
});

test('a folder that is moved in is noticed with all in it, and watched from then on', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  await mkdir(join(root, '../elsewhere/sub'), { recursive: true });
  for (const path of ['1.jpg', 'sub/2.jpg']) await writeFile(join(root, '../elsewhere', path), 'x');
  const noticed = await noticedFiles(t, root);
  await rename(join(root, '../elsewhere'), join(root, 'in'));
  await noticed.until(() => noticed.paths.length >= 2);
  assert.deepEqual([...noticed.paths].sort(), ['in/1.jpg', 'in/sub/2.jpg']);
  await rename(join(root, 'in'), join(root, 'renamed'));
  await noticed.until(() => noticed.paths.includes('renamed/sub/2.jpg'));
  noticed.forget();
  await write('renamed/sub/3.jpg');
  await noticed.until(() => noticed.paths.includes('renamed/sub/3.jpg'));
  assert.ok(noticed.paths.every((path) => path.startsWith('renamed/')));
});

test('a folder deleted and made again under the same name is still watched', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  await write('a/1.jpg');
  const noticed = await noticedFiles(t, root);
  await rm(join(root, 'a'), { recursive: true });
  await write('a/2.jpg');
  await noticed.until(() => noticed.paths.includes('a/2.jpg'));
  await write('a/3.jpg');
  await noticed.until(() => noticed.paths.includes('a/3.jpg'));
});

test('a file renamed into place, as careful programs save, is noticed under its last name only', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  await write('photo.jpg');
  const noticed = await noticedFiles(t, root);
  await write('.photo.jpg.tmp', 'edited');
  await rename(join(root, '.photo.jpg.tmp'), join(root, 'photo.jpg'));
  await noticed.until(() => noticed.paths.length > 0);
  await write('upload.jpg.part', 'x');
  await rename(join(root, 'upload.jpg.part'), join(root, 'upload.jpg'));
  await noticed.until(() => noticed.paths.length > 1);
  assert.deepEqual(noticed.paths, ['photo.jpg', 'upload.jpg']);
});

test('a file that keeps its old date is noticed, and so is one that may be read from now on', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  await write('b.jpg');
  const noticed = await noticedFiles(t, root);
  await write('a.jpg');
  await utimes(join(root, 'a.jpg'), 1, 1);
  await noticed.until(() => noticed.paths.includes('a.jpg'));
  await chmod(join(root, 'b.jpg'), 0o600);
  await noticed.until(() => noticed.paths.includes('b.jpg'));
});

test('a file replaced by a folder, and the reverse, is noticed as what it is now', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  for (const path of ['a.jpg', 'b.jpg/1.jpg']) await write(path);
  const noticed = await noticedFiles(t, root);
  await unlink(join(root, 'a.jpg'));
  await write('a.jpg/2.jpg');
  await rm(join(root, 'b.jpg'), { recursive: true });
  await write('b.jpg');
  await noticed.until(() => noticed.paths.length >= 2);
  assert.deepEqual([...noticed.paths].sort(), ['a.jpg/2.jpg', 'b.jpg']);
});

test('nothing is told of ignored names; a .nomedia counts from when it comes until it goes', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  await write('quiet/.nomedia');
  await write('quiet/sub/0.jpg');
  const ignored = createIgnored({ root, globs: ['Private'], dataDir: join(root, 'data') });
  const noticed = await noticedFiles(t, root, { ignored });
  for (const path of [
    'Private/1.jpg',
    'data/2.jpg',
    '@eaDir/3.jpg',
    '.h/4.jpg',
    '.5.jpg',
    'quiet/6.jpg',
    'quiet/sub/7.jpg',
  ])
    await write(path);
  await write('seen.jpg');
  await noticed.until(() => noticed.paths.length > 0);
  assert.deepEqual(noticed.paths, ['seen.jpg']);
  noticed.forget();
  await unlink(join(root, 'quiet/.nomedia'));
  await noticed.until(() => noticed.paths.length >= 3);
  assert.deepEqual([...noticed.paths].sort(), ['quiet/6.jpg', 'quiet/sub/0.jpg', 'quiet/sub/7.jpg']);
  noticed.forget();
  await write('loud/.nomedia');
  await write('loud/8.jpg');
  await write('seen2.jpg');
  await noticed.until(() => noticed.paths.length > 0);
  assert.deepEqual(noticed.paths, ['seen2.jpg']);
});

test('links: loops end, a hidden folder is watched by the link to it, ways out are not taken', limits, async (t) => {
  const { root, write, link } = await tempFolder(t);
  await mkdir(join(root, '../outside'));
  await write('a/1.jpg');
  await write('.store/2.jpg');
  await link('a/up', '..');
  await link('out', '../outside');
  await link('in', '.store');
  const noticed = await noticedFiles(t, root);
  await writeFile(join(root, '../outside/3.jpg'), 'x');
  await write('.store/4.jpg');
  await symlink('../.store/2.jpg', join(root, 'a/link.jpg'));
  await noticed.until(() => noticed.paths.length >= 2);
  assert.deepEqual([...noticed.paths].sort(), ['a/link.jpg', 'in/4.jpg']);
});

test('more files at once than the system keeps events for lead to a full scan', limits, async (t) => {
  const { root } = await tempFolder(t);
  const noticed = await noticedFiles(t, root);
  // Without a pause, two events each: our own loop cannot read them meanwhile, and the kernel's queue of 16,384 runs over.
  for (let index = 0; index < 9_000; index += 1) writeFileSync(join(root, `${index}.jpg`), 'x');
  await noticed.until(() => noticed.scans.length > 0);
  assert.match(noticed.scans.join(), /than the system may have kept/);
});

test('a library that is taken away and comes back is watched again, and scanned', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  await write('a/1.jpg');
  const noticed = await noticedFiles(t, root);
  await rename(root, `${root}-away`);
  await noticed.until(() => noticed.warnings.some((line) => line.includes('mount it again')));
  await rename(`${root}-away`, root);
  await noticed.until(() => noticed.scans.length > 0);
  await write('a/2.jpg');
  await noticed.until(() => noticed.paths.includes('a/2.jpg'));
});

test('a file that could not be taken in is left to a full scan, and the next ones are told', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  const told: string[] = [];
  const noticed = await noticedFiles(t, root, {
    onFile: async (rawPath) => {
      told.push(Buffer.from(rawPath).toString());
      if (told.length === 1) throw new Error('the database is away');
    },
  });
  await write('1.jpg');
  await noticed.until(() => noticed.scans.length > 0);
  assert.match(noticed.scans.join(), /1\.jpg .* the database is away/);
  await write('2.jpg');
  await noticed.until(() => told.includes('2.jpg'));
});

test('nothing is told after close, and a library that is away is an error that says so', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  const noticed = await noticedFiles(t, root);
  await write('1.jpg');
  await noticed.close();
  const before = noticed.paths.length;
  await write('2.jpg');
  const gone = createWatcher({
    root: join(root, 'missing'),
    ignored: createIgnored({ root }),
    onFile: () => undefined,
    log: { info: () => undefined, warn: () => undefined },
  });
  await assert.rejects(gone.ready, { code: 'LibraryUnreadable' });
  assert.equal(noticed.paths.length, before);
});
