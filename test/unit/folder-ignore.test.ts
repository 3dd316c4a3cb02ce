import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ignoring = (...globs: string[]) => createIgnored({ root: '/photos', dataDir: '/var/lib/darkroom', globs });

test('hidden names, the NAS names and what is below them are ignored', () => {
  const ignored = ignoring();
  for (const path of ['.a.jpg', 'a/.b/c.jpg', 'a/@eaDir/b.jpg', '#recycle/b.jpg'])
    assert.ok(ignored(path, false), path);
  for (const path of ['a.jpg', 'a/b.c/d.jpg', 'a..jpg', 'recycle/b.jpg', '@eaDir2/a.jpg'])
    assert.ok(!ignored(path, false), path);
});

test('a glob without a slash matches a name at any depth, one with a slash the path from the root', () => {
  const ignored = ignoring('Screenshots', '*.gif', 'work/*/drafts', '/top.jpg');
  for (const path of ['a/Screenshots/b.jpg', 'x.gif', 'a/x.gif', 'work/1/drafts/deep/a.jpg', 'top.jpg'])
    assert.ok(ignored(path, false), path);
  for (const path of ['a/Screenshots2/b.jpg', 'a/work/1/drafts/a.jpg', 'a/top.jpg'])
    assert.ok(!ignored(path, false), path);
});

test('a glob that ends with a slash matches folders only', () => {
  const ignored = ignoring('raw/');
  assert.ok(ignored('a/raw', true));
  assert.ok(ignored('a/raw/b.jpg', false));
  assert.ok(!ignored('a/raw', false));
});

test('globs match hidden names too, and empty ones match nothing', () => {
  assert.ok(ignoring('*secret*').excluded('.secrets/a.jpg', false));
  assert.ok(!ignoring('', '/', ' ').excluded('a.jpg', false));
});

test('the data folder is ignored where it lies in the library, also by way of a link, also before it exists', async (t) => {
  const { root } = await tempFolder(t);
  await mkdir(join(root, 'real'));
  await symlink('real', join(root, 'linked'));
  for (const dataDir of [join(root, 'real/data'), join(root, 'linked/data')])
    assert.ok(createIgnored({ root, dataDir })('real/data/cache/a.jpg', false), dataDir);
  assert.ok(!createIgnored({ root, dataDir: `${root}/../elsewhere` })('real/data/a.jpg', false));
  assert.ok(!createIgnored({ root, dataDir: root })('a.jpg', false));
});
