import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { countPhotos } from '../../adapters/folder/count-photos.ts';
import { createFolder } from '../../adapters/folder/folder.ts';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { tempFolder } from '../support/temp-folder.ts';

const { signal } = new AbortController();

test('the photos that a walk would list are counted, and nothing else', async (t) => {
  const { root, write } = await tempFolder(t);
  const photos = ['a.jpg', 'b/c.HEIC', 'b/d e/f.png', 'a.b/no-dot-in-the-name.webp', 'b/left/g.gif'];
  const others = ['raw.cr2', 'notes.txt', '.hidden.jpg', '.trash/x.jpg', '@eaDir/y.jpg', 'app/.nomedia', 'app/z.jpg'];
  for (const path of [...photos, ...others, 'b/draft.tmp.jpg', 'dir.jpg/inside.jpg', 'folder.jpg.d/noextension']) {
    await write(path);
  }
  await symlink(join(root, '@eaDir'), join(root, 'leads-aside'));
  await symlink(join(root, 'a.jpg'), join(root, 'same.jpg'));
  const ignored = createIgnored({ root, globs: ['*.tmp.jpg'] });
  const page = await createFolder({ root, ignored }).page({ cursor: undefined, limit: 1_000 });
  const walked = page.files.filter(({ kind }) => kind === 'photo').length;
  assert.equal(walked, photos.length + 1);
  assert.equal(await countPhotos({ root, ignored, signal }), walked);
});

test('a folder that is away is told as the walk tells it', async (t) => {
  const { root } = await tempFolder(t);
  const gone = join(root, 'gone');
  await assert.rejects(
    countPhotos({ root: gone, ignored: createIgnored({ root: gone }), signal }),
    /The library folder .* cannot be read/,
  );
});

test('counting ends with its signal', async (t) => {
  const { root, write } = await tempFolder(t);
  await write('a.jpg');
  const ended = AbortSignal.abort(new Error('called off'));
  await assert.rejects(countPhotos({ root, ignored: createIgnored({ root }), signal: ended }), /called off/);
});
