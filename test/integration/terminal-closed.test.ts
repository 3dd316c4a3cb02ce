import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRunFile } from '../../runtime/run-file.ts';
import { entry, processesOn } from '../support/darkroom-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('up whose terminal is closed stops cleanly; a SIGHUP before that ends nothing', async (t) => {
  const home = await temporaryFolder(t);
  const dataDir = path.join(home, 'data');
  const env = {
    ...process.env,
    DARKROOM_DATA_DIR: dataDir,
    VISION_HOSTS: 'http://127.0.0.1:9',
    DARKROOM_TEMPORAL_PORT: '0',
    DARKROOM_TEMPORAL_UI_PORT: '0',
    DARKROOM_HTTP_ADDRESS: '127.0.0.1:0',
    LIBRARY_FOLDERS: '',
    DATABASE_URL: '',
    TEMPORAL_ADDRESS: '',
  };
  const typed = path.join(home, 'typescript');
  const terminal = spawn('script', ['-qefc', `'${process.execPath}' '${entry}' up`, typed], {
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  t.after(() => terminal.kill('SIGKILL'));
  const until = async (what: string, isSo: () => Promise<boolean>) => {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100)) if (await isSo()) return;
    assert.fail(`${what}\n${(await processesOn(dataDir)).join('\n')}\n${await readFile(typed, 'utf8')}`);
  };
  await until('it runs', async () => (await readRunFile(dataDir)).state === 'running');
  const found = await readRunFile(dataDir);
  assert.ok(found.state === 'running', found.state);
  process.kill(found.run.supervisor.pid, 'SIGHUP');
  await until('it says that there is nothing to read', async () =>
    /no hosts file to read again/.test(await readFile(typed, 'utf8')),
  );
  assert.equal((await readRunFile(dataDir)).state, 'running');

  terminal.kill('SIGKILL');
  await until('its processes end', async () => (await processesOn(dataDir)).length === 0);
  assert.deepEqual(await readRunFile(dataDir), { state: 'none', note: undefined });
});
