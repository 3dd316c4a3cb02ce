import assert from 'node:assert/strict';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { identify } from '../../runtime/child.ts';
import { type Run, readRunFile, removeRunFile, runFilePath, writeRunFile } from '../../runtime/run-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const self = identify(process.pid) ?? { pid: process.pid, startedAt: 'unknown' };
const run: Run = {
  version: '0.1.0',
  startedAt: 1_700_000_000_000,
  supervisor: self,
  processes: [{ name: 'engine', ...self }],
  temporal: { address: '127.0.0.1:7233', namespace: 'default', uiUrl: 'http://127.0.0.1:8233' },
  database: { kind: 'socket', socketDir: '/tmp/x', user: 'darkroom', database: 'darkroom' },
  visionHosts: ['http://localhost:11434'],
  libraries: ['/photos'],
  token: 'secret',
};

test('a run is found as long as its supervisor lives', async (t) => {
  const folder = await temporaryFolder(t);
  assert.deepEqual(await readRunFile(folder), { state: 'none', note: undefined });
  await writeRunFile(folder, run);
  assert.deepEqual(await readRunFile(folder), { state: 'running', run });
  const gone = { ...run, supervisor: { ...self, startedAt: '1' } };
  await writeRunFile(folder, gone);
  assert.deepEqual(await readRunFile(folder), { state: 'stale', run: gone });
  await removeRunFile(folder);
  assert.deepEqual(await readRunFile(folder), { state: 'none', note: undefined });
});

test('nobody else may read it: it holds the token', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(`${runFilePath(folder)}.draft`, 'left by a killed run', { mode: 0o644 });
  await writeRunFile(folder, run);
  assert.equal((await stat(runFilePath(folder))).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), ['run.json']);
});

test('a damaged file counts as none, with a note that names it', async (t) => {
  const folder = await temporaryFolder(t);
  for (const text of ['', '{"version":', '{"version":1}', 'null']) {
    await writeFile(runFilePath(folder), text);
    const found = await readRunFile(folder);
    assert.equal(found.state, 'none');
    assert.match(found.state === 'none' ? (found.note ?? '') : '', /run\.json/);
  }
});

test('a reader sees the old file or the new one, never half of one', async (t) => {
  const folder = await temporaryFolder(t);
  await writeRunFile(folder, run);
  const writing = (async () => {
    for (let n = 0; n < 60; n += 1)
      await writeRunFile(folder, { ...run, libraries: Array.from({ length: n * 50 }, String) });
  })();
  for (let n = 0; n < 200; n += 1) assert.equal((await readRunFile(folder)).state, 'running');
  await writing;
});
