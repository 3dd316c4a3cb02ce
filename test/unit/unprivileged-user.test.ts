import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { allows, checkReachable, chooseAccount, firstBarrier } from '../../runtime/database/unprivileged-user.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = 'root:x:0:0:root:/root:/bin/bash';
const nobody = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin';

test('as root, the server runs as postgres, else as nobody', () => {
  const postgres = 'postgres:x:101:104:administrator,,,:/var/lib/postgresql:/bin/bash';
  assert.deepEqual(chooseAccount([root, nobody, postgres].join('\n')), { name: 'postgres', uid: 101, gid: 104 });
  assert.deepEqual(chooseAccount(`${root}\n${nobody}\n`), { name: 'nobody', uid: 65534, gid: 65534 });
});

test('no account is chosen from a system that has none, nor one that is root by another name', () => {
  assert.equal(chooseAccount(root), undefined);
  assert.equal(chooseAccount('postgres:x:0:0::/:/bin/sh\nbroken line\n'), undefined);
});

test('the bits of the owner decide for the owner, also where others may do more', () => {
  const account = { name: 'a', uid: 7, gid: 8 };
  assert.equal(allows({ uid: 7, gid: 0, mode: 0o077 }, account, 'read'), false);
  assert.equal(allows({ uid: 0, gid: 8, mode: 0o050 }, account, 'read'), true);
  assert.equal(allows({ uid: 0, gid: 0, mode: 0o711 }, account, 'traverse'), true);
  assert.equal(allows({ uid: 0, gid: 0, mode: 0o711 }, account, 'read'), false);
});

test('the first folder on the way that a user may not pass is named', async (t) => {
  const folder = await temporaryFolder(t);
  const closed = join(folder, 'closed');
  const file = join(closed, 'open', 'file');
  await mkdir(join(closed, 'open'), { recursive: true });
  await writeFile(file, 'x', { mode: 0o644 });
  const stranger = { name: 'stranger', uid: 54_321, gid: 54_321 };
  assert.equal(await firstBarrier(file, stranger, 'read'), undefined);
  await chmod(closed, 0o700);
  assert.equal(await firstBarrier(file, stranger, 'read'), closed);
  assert.equal(await firstBarrier(join(folder, 'missing'), stranger, 'read'), join(folder, 'missing'));
});

test('a data folder that the database could not reach is refused, with a place that works', async (t) => {
  const folder = await temporaryFolder(t);
  const stranger = { name: 'stranger', uid: 54_321, gid: 54_321 };
  await checkReachable(folder, stranger);
  await chmod(folder, 0o700);
  const refused = {
    code: 'BadConfig',
    message: /stranger, who may not pass .*DARKROOM_DATA_DIR .*\/var\/lib\/darkroom/,
  };
  await assert.rejects(checkReachable(folder, stranger), refused);
});
