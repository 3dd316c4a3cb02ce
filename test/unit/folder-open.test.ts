import assert from 'node:assert/strict';
import { chmod, mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFolder } from '../../adapters/folder/folder.ts';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { openFolder } from '../../adapters/folder/open-folder.ts';
import { whileLocked } from '../support/privileges.ts';
import { tempFolder } from '../support/temp-folder.ts';

const bytes = (path: string) => Buffer.from(path);
const folderAt = (root: string) => createFolder({ root, ignored: createIgnored({ root }) });

test('a missing folder, a file and our own data folder are refused, with the setting to change', async (t) => {
  const { root, write } = await tempFolder(t);
  await write('file.jpg');
  const refusals: [string, RegExp][] = [
    [join(root, 'missing'), /There is no folder .*missing.*mount it first.*LIBRARY_FOLDERS.*darkroom up/],
    ['~/Pictures', /"~" is not replaced.*LIBRARY_FOLDERS/],
    [join(root, 'file.jpg'), /is a file.*LIBRARY_FOLDERS/],
    [join(root, 'file.jpg/sub'), /There is no folder.*LIBRARY_FOLDERS/],
  ];
  for (const [path, message] of refusals) await assert.rejects(openFolder(path), { code: 'BadConfig', message });
  await assert.rejects(openFolder(root, { dataDir: join(root, '..') }), {
    code: 'BadConfig',
    message: /own data folder/,
  });
});

test('a folder that may not be read is refused, with what to allow', async (t) => {
  const { root } = await tempFolder(t);
  await chmod(join(root, '..'), 0o755);
  const message = /cannot be read: permission denied; allow the user.*LIBRARY_FOLDERS/;
  await whileLocked(root, () => assert.rejects(openFolder(root), { code: 'BadConfig', message }));
});

test('an empty folder is opened, and told', async (t) => {
  const { root, write } = await tempFolder(t);
  assert.match((await openFolder(root)).notices.join(), /is empty/);
  await write('a.jpg');
  assert.deepEqual((await openFolder(root)).notices, []);
  await write('.nomedia');
  assert.match((await openFolder(root)).notices.join(), /\.nomedia/);
});

test('a link that leads out of the library is neither resolved nor looked at', async (t) => {
  const { root, link } = await tempFolder(t);
  await writeFile(`${root}/../outside.jpg`, 'out');
  await link('out.jpg', '../outside.jpg');
  await link('parent', '..');
  for (const path of ['out.jpg', 'parent/outside.jpg']) {
    await assert.rejects(folderAt(root).resolve(bytes(path)), { code: 'OutsideLibrary' });
    assert.equal(await folderAt(root).stat(bytes(path)), undefined);
  }
});

test('a folder whose name begins like the root is not inside it', async (t) => {
  const { root, link } = await tempFolder(t);
  await mkdir(`${root}-2`);
  await writeFile(`${root}-2/a.jpg`, 'out');
  await link('a.jpg', `${root}-2/a.jpg`);
  await assert.rejects(folderAt(root).resolve(bytes('a.jpg')), { code: 'OutsideLibrary' });
});

test('resolve leads to the file behind a link, and stat describes that file', async (t) => {
  const { root, write, link } = await tempFolder(t);
  await write('.store/a', 'twelve bytes');
  await link('a.jpg', '.store/a');
  const folder = folderAt(root);
  assert.equal((await folder.stat(bytes('a.jpg')))?.size, 12);
  assert.equal((await folder.resolve(bytes('a.jpg'))).toString().endsWith('/library/.store/a'), true);
  await unlink(join(root, '.store/a'));
  assert.equal(await folder.stat(bytes('a.jpg')), undefined);
  assert.equal((await folder.resolve(bytes('a.jpg'))).toString(), join(root, 'a.jpg'));
});

test('an empty mount point left behind by a share is the library being away; a deleted file is gone', async (t) => {
  const { root, write } = await tempFolder(t);
  for (const path of ['a.jpg', 'b.jpg']) await write(path);
  const folder = folderAt(root);
  await unlink(join(root, 'b.jpg'));
  assert.equal(await folder.stat(bytes('b.jpg')), undefined);
  await rename(root, `${root}-away`);
  await mkdir(root);
  await assert.rejects(folder.stat(bytes('a.jpg')), { code: 'LibraryUnreadable', message: /unmounted share/ });
  await rm(root, { recursive: true });
  await rename(`${root}-away`, root);
  assert.equal((await folder.stat(bytes('a.jpg')))?.size, 7);
});

test('a file below a folder that may not be entered is unreadable for now, not gone', async (t) => {
  const { root, write } = await tempFolder(t);
  await write('locked/a.jpg');
  await chmod(join(root, '..'), 0o755);
  const folder = folderAt(root);
  await whileLocked(join(root, 'locked'), () =>
    assert.rejects(folder.stat(bytes('locked/a.jpg')), { code: 'LibraryUnreadable' }),
  );
});

test('a name of 300 bytes is absent, and the root is named by an absolute path', async (t) => {
  const { root } = await tempFolder(t);
  await symlink(root, `${root}-link`);
  assert.equal(await folderAt(root).stat(bytes(`${'x'.repeat(300)}.jpg`)), undefined);
  assert.equal((await openFolder(`${root}-link/`)).folder.root, `${root}-link`);
});
