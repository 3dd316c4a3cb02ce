import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createFolder } from '../../adapters/folder/folder.ts';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { createTree, type Tree } from '../../adapters/folder/tree.ts';
import { walkPage } from '../../adapters/folder/walk.ts';
import { showPath } from '../../domain/paths.ts';
import type { WalkPage } from '../../domain/ports.ts';
import { tempFolder } from '../support/temp-folder.ts';

const folderAt = (root: string, globs: readonly string[] = []) =>
  createFolder({ root, ignored: createIgnored({ root, globs }) });
const walkUnprivileged = fileURLToPath(new URL('../support/walk-unprivileged.ts', import.meta.url));
const pathsOf = (page: WalkPage) => page.files.map(({ rawPath }) => showPath(rawPath));
const wholePage = (root: string) => folderAt(root).page({ cursor: undefined, limit: 1_000 });

test('names with spaces, newlines, emoji and stray bytes are all listed', async (t) => {
  const { root, write } = await tempFolder(t);
  const stray = Buffer.from([0x62, 0xff, 0xfe, 0x2e, 0x6a, 0x70, 0x67]);
  for (const name of ['a b.jpg', 'a\nb.jpg', '🏖️ beach/ü.jpg', "it's; $(rm).png", stray]) await write(name);
  const page = await wholePage(root);
  assert.deepEqual(pathsOf(page), ['a\\x0ab.jpg', 'a b.jpg', 'b\\xff\\xfe.jpg', "it's; $(rm).png", '🏖️ beach/ü.jpg']);
  assert.deepEqual(page.problems, []);
});

test('a page with no photo in it ends too, and the next goes on behind it', async (t) => {
  const { root, write } = await tempFolder(t);
  for (let index = 0; index < 25; index += 1) await write(`notes/${String(index).padStart(2, '0')}.txt`);
  await write('photo.jpg');
  const tree = createTree({ root, ignored: createIgnored({ root }) });
  const pages: WalkPage[] = [];
  let cursor: string | undefined;
  do {
    const page = await walkPage(tree, { cursor, limit: 10, maxExamined: 10 });
    pages.push(page);
    cursor = page.next;
  } while (cursor !== undefined && pages.length < 10);
  assert.deepEqual(pages.map(pathsOf), [[], [], ['photo.jpg']]);
});

test('folders with a .nomedia, of a Synology NAS, hidden ones and ours are skipped with all that is below them', async (t) => {
  const { root, write } = await tempFolder(t);
  for (const path of ['app/.nomedia', 'app/a.jpg', 'app/sub/b.jpg', 'x/@eaDir/c.jpg', '#recycle/d.jpg'])
    await write(path);
  for (const path of ['.thumbs/e.jpg', 'data/cache/f.jpg', 'kept/g.jpg', 'kept/data/h.jpg']) await write(path);
  const folder = createFolder({ root, ignored: createIgnored({ root, dataDir: join(root, 'data') }) });
  assert.deepEqual(pathsOf(await folder.page({ cursor: undefined, limit: 100 })), ['kept/data/h.jpg', 'kept/g.jpg']);
});

test('a .nomedia at the very top is told', async (t) => {
  const { root, write } = await tempFolder(t);
  for (const path of ['.nomedia', 'a.jpg']) await write(path);
  const page = await wholePage(root);
  assert.deepEqual(page.files, []);
  assert.match(page.problems.join(), /\.nomedia/);
});

test('links are followed inside the root only, and only where the walk does not meet their target anyway', async (t) => {
  const { root, write, link } = await tempFolder(t);
  await writeFile(`${root}/../outside.jpg`, 'out');
  await mkdir(`${root}/../outside`);
  await writeFile(`${root}/../outside/deep.jpg`, 'out');
  for (const path of [
    'a/1.jpg',
    '.store/x.jpg',
    '.store/album/y.jpg',
    'blob',
    'Private/p.jpg',
    '.n/.nomedia',
    '.n/sub/q.jpg',
  ])
    await write(path);
  await link('again', 'a');
  await link('again.jpg', 'a/1.jpg');
  await link('from-store.jpg', '.store/x.jpg');
  await link('from-store', '.store/album');
  await link('from-blob.jpg', 'blob');
  await link('from-private.jpg', 'Private/p.jpg');
  await link('from-nomedia.jpg', '.n/sub/q.jpg');
  await link('out.jpg', '../outside.jpg');
  await link('out-folder', '../outside');
  await link('nowhere.jpg', 'missing.jpg');
  await link('nowhere.lock', 'missing');
  const page = await folderAt(root, ['Private']).page({ cursor: undefined, limit: 100 });
  assert.deepEqual(pathsOf(page), ['a/1.jpg', 'from-blob.jpg', 'from-store/y.jpg', 'from-store.jpg']);
  const out = 'a link that leads out of the library; links are followed inside it only';
  assert.deepEqual(page.problems, ['nowhere.jpg: a link that leads nowhere', `out-folder: ${out}`, `out.jpg: ${out}`]);
});

test('loops of links end', async (t) => {
  const { root, write, link } = await tempFolder(t);
  await write('a/1.jpg');
  await write('.h/x/2.jpg');
  await link('a/up', '..');
  await link('a/self', '../a');
  await link('me.jpg', 'me.jpg');
  await link('.h/x/back', '../../.h/y');
  await link('.h/y/forth', '../../.h/x');
  await link('in', '.h/x');
  const page = await wholePage(root);
  assert.deepEqual(pathsOf(page), ['a/1.jpg', 'in/2.jpg']);
  assert.deepEqual(page.problems, ['me.jpg: a link that leads back to itself']);
});

test('a root that is itself a link is walked', async (t) => {
  const { root, write } = await tempFolder(t);
  await write('a/1.jpg');
  await write('.h/2.jpg');
  await symlink('../.h/2.jpg', join(root, 'a/2.jpg'));
  await symlink(root, `${root}-link`);
  assert.deepEqual(pathsOf(await wholePage(`${root}-link`)), ['a/1.jpg', 'a/2.jpg']);
});

test('a folder that vanishes in the middle of a walk is passed over', async (t) => {
  const { root, write } = await tempFolder(t);
  for (const path of ['a/1.jpg', 'b/2.jpg', 'b/3.jpg', 'c/4.jpg']) await write(path);
  const tree = createTree({ root, ignored: createIgnored({ root }) });
  const vanishing: Tree = {
    ...tree,
    async entries(folder, signal) {
      if (folder.toString() === 'b') await rm(join(root, 'b'), { recursive: true });
      return await tree.entries(folder, signal);
    },
  };
  const page = await walkPage(vanishing, { cursor: undefined, limit: 10 });
  assert.deepEqual(pathsOf(page), ['a/1.jpg', 'c/4.jpg']);
  assert.deepEqual(page.problems, []);
});

test('a share that is unmounted in the middle of a walk does not pass for the end of the library', async (t) => {
  const { root, write } = await tempFolder(t);
  for (const path of ['a/1.jpg', 'b/2.jpg']) await write(path);
  const tree = createTree({ root, ignored: createIgnored({ root }) });
  const unmounted: Tree = {
    ...tree,
    async entries(folder, signal) {
      if (folder.toString() === 'a') {
        await rename(root, `${root}-away`);
        await mkdir(root);
      }
      return await tree.entries(folder, signal);
    },
  };
  await assert.rejects(walkPage(unmounted, { cursor: undefined, limit: 10 }), { code: 'LibraryUnreadable' });
});

test('a file replaced by a folder between two pages, and the reverse, loses and repeats nothing else', async (t) => {
  const { root, write } = await tempFolder(t);
  for (const path of ['a.jpg', 'b/1.jpg', 'b/2.jpg', 'c.jpg']) await write(path);
  const folder = folderAt(root);
  const first = await folder.page({ cursor: undefined, limit: 1 });
  await unlink(join(root, 'a.jpg'));
  await write('a.jpg/inside.png');
  const second = await folder.page({ cursor: first.next, limit: 2 });
  assert.deepEqual(pathsOf(second), ['a.jpg/inside.png', 'b/1.jpg']);
  await rm(join(root, 'b'), { recursive: true });
  await write('b');
  assert.deepEqual(pathsOf(await folder.page({ cursor: second.next, limit: 2 })), ['c.jpg']);
});

test('many problems are told in short', async (t) => {
  const { root, link } = await tempFolder(t);
  for (let index = 0; index < 20; index += 1) await link(`${index}.jpg`, 'nowhere');
  const { problems } = await wholePage(root);
  assert.equal(problems.length, 5);
  assert.equal(problems.at(-1), '… and 16 more that could not be looked at');
});

test('sockets and pipes named like photos are no photos', async (t) => {
  const { root, write } = await tempFolder(t);
  execFileSync('mkfifo', [join(root, 'pipe.jpg')]);
  await write('a.jpg');
  assert.deepEqual(pathsOf(await wholePage(root)), ['a.jpg']);
  assert.equal(await folderAt(root).stat(Buffer.from('pipe.jpg')), undefined);
});

test('folders and files that may not be read are reported and the rest goes on', async (t) => {
  const { root, write } = await tempFolder(t);
  for (const path of ['a/1.jpg', 'locked/2.jpg', 'secret.jpg', 'z.jpg']) await write(path);
  await chmod(join(root, '..'), 0o755);
  await chmod(join(root, 'secret.jpg'), 0);
  await chmod(join(root, 'locked'), 0);
  const printed = execFileSync(process.execPath, [walkUnprivileged, root], { encoding: 'utf8' });
  await chmod(join(root, 'locked'), 0o700);
  const page = z.object({ paths: z.array(z.string()), problems: z.array(z.string()) }).parse(JSON.parse(printed));
  assert.deepEqual(page.paths, ['a/1.jpg', 'z.jpg']);
  assert.deepEqual(page.problems, [
    'locked: permission denied; allow the user that runs Darkroom to read it',
    'secret.jpg: permission denied; allow the user that runs Darkroom to read it',
  ]);
});
