import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { createRenditionCache, writeFault } from '../../adapters/picture/rendition-cache.ts';
import { ConfigError, TransientError } from '../../domain/errors.ts';
import { whileLocked } from '../support/privileges.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hashOf, jpegOf, renditionCacheSuite } from './rendition-cache.suite.ts';

const log = () => undefined;

renditionCacheSuite('renditions on disk', async (t, maxBytes) =>
  createRenditionCache({ dir: path.join(await temporaryFolder(t), 'renditions'), maxBytes, log }),
);

async function setup(t: TestContext, maxBytes = 1_000_000) {
  const dir = path.join(await temporaryFolder(t), 'renditions');
  const open = () => createRenditionCache({ dir, maxBytes, log });
  const fileOf = (digits: string) => path.join(dir, digits.slice(0, 2), `${hashOf(digits)}-1344.jpg`);
  const files = async () =>
    (await readdir(dir, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name.replace(/0+-1344\.jpg$/, ''))
      .toSorted();
  return { dir, open, fileOf, files };
}

test('what a run before left is known, and the order of use outlives it', async (t) => {
  const { open, fileOf, files } = await setup(t, 3_500);
  const before = open();
  for (const digits of ['a1', 'b2', 'c3']) await before.put(hashOf(digits), 1344, jpegOf(1_000));
  const long = new Date(Date.now() - 60_000);
  for (const digits of ['a1', 'b2', 'c3']) await utimes(fileOf(digits), long, long);
  // Found again by another process: its time of use is on the disk.
  await open().get(hashOf('a1'), 1344);
  await open().put(hashOf('d4'), 1344, jpegOf(2_000));
  assert.deepEqual(await files(), ['a1', 'd4']);
});

test('a torn or emptied file is as good as none, and removed', async (t) => {
  const { open, fileOf, files } = await setup(t);
  const cache = open();
  const damages = {
    a1: (file: string) => truncate(file, 0),
    b2: (file: string) => truncate(file, 600),
    c3: (file: string) => writeFile(file, Buffer.alloc(1_000)),
    d4: (file: string) => appendFile(file, Buffer.alloc(10)),
  };
  for (const [digits, damage] of Object.entries(damages)) {
    await cache.put(hashOf(digits), 1344, jpegOf(1_000));
    await damage(fileOf(digits));
    assert.equal(await cache.get(hashOf(digits), 1344), undefined, digits);
  }
  assert.deepEqual(await files(), []);
  await cache.put(hashOf('a1'), 1344, jpegOf(1_000));
  assert.ok(await cache.get(hashOf('a1'), 1344));
});

test('files that another process removed, or the whole folder, are no failure', async (t) => {
  const { dir, open, fileOf, files } = await setup(t, 2_500);
  const cache = open();
  await cache.put(hashOf('a1'), 1344, jpegOf(1_000));
  await cache.put(hashOf('b2'), 1344, jpegOf(1_000));
  await rm(fileOf('a1'));
  await cache.put(hashOf('c3'), 1344, jpegOf(1_000));
  assert.deepEqual(await files(), ['b2', 'c3']);
  await rm(dir, { recursive: true });
  assert.equal(await cache.get(hashOf('b2'), 1344), undefined);
  await cache.put(hashOf('b2'), 1344, jpegOf(1_000));
  assert.deepEqual(await files(), ['b2']);
});

test('two caches on one folder keep what the other one used', async (t) => {
  const { open, fileOf, files } = await setup(t, 2_500);
  const [ours, theirs] = [open(), open()];
  await ours.put(hashOf('a1'), 1344, jpegOf(1_000));
  await ours.put(hashOf('b2'), 1344, jpegOf(1_000));
  // Used by the other one, later than we know of.
  const later = new Date(Date.now() + 60_000);
  await theirs.get(hashOf('a1'), 1344);
  await utimes(fileOf('a1'), later, later);
  await ours.put(hashOf('c3'), 1344, jpegOf(1_000));
  assert.deepEqual(await files(), ['a1', 'c3']);
});

test('what a killed put left is cleaned up, what is being written now is not', async (t) => {
  const { dir, open, files } = await setup(t);
  await mkdir(path.join(dir, 'a1'), { recursive: true });
  const [dead, live] = [path.join(dir, 'a1', 'x.jpg.1-a.part'), path.join(dir, 'a1', 'y.jpg.2-b.part')];
  await writeFile(dead, 'half');
  await writeFile(live, 'half');
  const long = new Date(Date.now() - 3_600_000);
  await utimes(dead, long, long);
  await open().put(hashOf('b2'), 1344, jpegOf(10));
  assert.deepEqual(await files(), ['b2', 'y.jpg.2-b.part']);
});

test('a limit that became much smaller is reached in steps', async (t) => {
  const { dir, open, files } = await setup(t, 1_000_000);
  const before = open();
  for (let index = 0; index < 100; index += 1) {
    await before.put(hashOf(index.toString(16).padStart(4, '0') + 'f'), 1344, jpegOf(100));
  }
  const after = createRenditionCache({ dir, maxBytes: 1_000, log });
  await after.put(hashOf('ffff'), 1344, jpegOf(100));
  assert.equal((await files()).length, 101 - 32);
  for (let index = 0; index < 3; index += 1) await after.put(hashOf('ffff'), 1344, jpegOf(100));
  assert.equal((await files()).length, 10);
});

test('a get sets the time of use itself, and leaves the time of change alone', async (t) => {
  const { open, fileOf } = await setup(t);
  const cache = open();
  await cache.put(hashOf('a1'), 1344, jpegOf(100));
  const [long, ahead] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
  // Ahead, because most systems set a time of access that is behind by themselves.
  await utimes(fileOf('a1'), ahead, long);
  await cache.get(hashOf('a1'), 1344);
  const { atimeMs, mtimeMs } = await stat(fileOf('a1'));
  assert.ok(atimeMs > long.getTime() + 30_000 && atimeMs < ahead.getTime() - 30_000);
  assert.equal(mtimeMs, long.getTime());
});

test('a folder that cannot be written says which, and which setting moves it', async (t) => {
  const { dir, open, files } = await setup(t);
  await writeFile(dir, 'a file in its place');
  const words = (error: unknown) =>
    error instanceof ConfigError && error.message.includes(dir) && /DARKROOM_DATA_DIR/.test(error.message);
  await assert.rejects(open().put(hashOf('a1'), 1344, jpegOf(10)), words);
  await rm(dir);
  const cache = open();
  await cache.put(hashOf('a1'), 1344, jpegOf(10));
  await whileLocked(dir, () => assert.rejects(cache.put(hashOf('b2'), 1344, jpegOf(10)), words));
  await cache.put(hashOf('b2'), 1344, jpegOf(10));
  assert.deepEqual(await files(), ['a1', 'b2']);
});

test('a full disk is waited for, and the message names the folder and both settings', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const fault = writeFault('/data/renditions', full);
  assert.ok(fault instanceof TransientError);
  assert.equal(fault.code, 'DiskFull');
  assert.match(fault.message, /\/data\/renditions.*DARKROOM_CACHE_MB.*DARKROOM_DATA_DIR/);
});
