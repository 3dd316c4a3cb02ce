import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { initCluster } from '../../runtime/database/initdb.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Runs a stand-in for initdb that says this and fails. */
async function failing(t: TestContext, lines: string) {
  const dataDir = await temporaryFolder(t);
  const initdb = join(dataDir, 'initdb');
  await writeFile(initdb, `#!/bin/sh\ncat >&2 <<'END'\n${lines}\nEND\nexit 1\n`, { mode: 0o755 });
  const made = initCluster({ folder: join(dataDir, '18.new'), dataDir, initdb, account: undefined });
  return { made, left: async () => (await readdir(dataDir)).filter((name) => name !== 'initdb') };
}

test('a disk that is full while the database is made is named, wherever in its words initdb says so', async (t) => {
  const { made, left } = await failing(
    t,
    [
      'FATAL:  could not write to file "pg_wal/xlogtemp.7": No space left on device',
      'child process exited with exit code 1',
      'initdb: removing contents of data directory',
      'running bootstrap script ...',
      'done',
    ].join('\n'),
  );
  await assert.rejects(made, {
    code: 'DiskFull',
    message: /The disk of .* is full: free some space there, or set DARKROOM_DATA_DIR/,
  });
  assert.deepEqual(await left(), []);
});

test('any other failure is told in the words of initdb that matter', async (t) => {
  const { made, left } = await failing(
    t,
    'creating directory ... ok\ninitdb: error: could not create symlink\nrunning bootstrap script ...',
  );
  await assert.rejects(made, {
    code: 'DatabaseUnavailable',
    message: /\(exit code 1\): initdb: error: could not create symlink$/,
  });
  assert.deepEqual(await left(), []);
});
