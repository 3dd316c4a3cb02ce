import assert from 'node:assert/strict';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultDataFolder, ensureDataFolder, folderFault } from '../../runtime/data-folder.ts';
import { ConfigError, TransientError } from '../../domain/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const me = { platform: 'linux', home: '/home/me', uid: 1000, env: {} } as const;

test('each platform has its own place for data', () => {
  assert.equal(defaultDataFolder(me), '/home/me/.local/share/darkroom');
  assert.equal(defaultDataFolder({ ...me, env: { XDG_DATA_HOME: '/data' } }), '/data/darkroom');
  assert.equal(defaultDataFolder({ ...me, env: { XDG_DATA_HOME: 'data' } }), '/home/me/.local/share/darkroom');
  assert.equal(defaultDataFolder({ ...me, uid: 0, env: { XDG_DATA_HOME: '/data' } }), '/var/lib/darkroom');
  assert.equal(defaultDataFolder({ ...me, platform: 'darwin' }), '/home/me/Library/Application Support/Darkroom');
});

test('the folder is made with its parents, and nothing stays in it from trying it', async (t) => {
  const folder = join(await temporaryFolder(t), 'a', 'b');
  assert.equal(await ensureDataFolder(folder), folder);
  assert.deepEqual(await readdir(folder), []);
  assert.equal(await ensureDataFolder(folder), folder);
});

test('root makes it so that every user may pass but none may look in; anybody else keeps it to himself', async (t) => {
  const folder = join(await temporaryFolder(t), 'a', 'b');
  const umask = process.umask(0o077);
  t.after(() => process.umask(umask));
  await ensureDataFolder(folder);
  const expected = process.getuid?.() === 0 ? 0o711 : 0o700;
  for (const made of [folder, join(folder, '..')]) assert.equal((await stat(made)).mode & 0o777, expected);
});

test('a file in its place is refused by name', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  await writeFile(file, '');
  const refused = { name: 'ConfigError', code: 'BadConfig', message: /is not a folder: set DARKROOM_DATA_DIR/ };
  await assert.rejects(ensureDataFolder(file), refused);
  await assert.rejects(ensureDataFolder(join(file, 'below')), refused);
});

test('a folder that cannot be written to is refused with what to do', async () => {
  // Where the system itself lets nobody make anything, root included.
  const folder = process.platform === 'linux' ? '/sys/kernel/darkroom' : '/System/darkroom';
  await assert.rejects(ensureDataFolder(folder), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(
      error.message,
      /darkroom cannot be used: run Darkroom as the user who owns it, or set DARKROOM_DATA_DIR/,
    );
    return true;
  });
});

test('a full disk is said to be full, and passes when there is room again', () => {
  const fault = folderFault(
    '/data',
    Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
  );
  assert.ok(fault instanceof TransientError);
  assert.equal(fault.code, 'DiskFull');
  assert.match(fault.message, /The disk of \/data is full: free some space/);
});
