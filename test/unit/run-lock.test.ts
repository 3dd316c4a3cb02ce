import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { acquireRunLock, runLockHolder } from '../../runtime/run-lock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const refused = {
  name: 'ConfigError',
  message: /already runs on this data folder \(pid \d+, since 20\d\d-.*DARKROOM_DATA_DIR/,
};
const lockModule = new URL('../../runtime/run-lock.ts', import.meta.url).href;

const dead = JSON.stringify({ pid: 1, startedAt: '1', boot: 'x', since: 1, released: false });

/** What a lock of this process looks like on the disk. */
async function ownLock(folder: string): Promise<string> {
  const lock = await acquireRunLock(folder);
  const [name = ''] = await readdir(folder);
  const text = await readFile(join(folder, name), 'utf8');
  await lock.release();
  await rm(join(folder, name));
  return text;
}

/** Processes that try for the lock when told to, say `held` or `refused`, and live on. */
function contender(t: TestContext, folder: string): ChildProcess {
  const program = `const { acquireRunLock } = await import(${JSON.stringify(lockModule)});
    await new Promise((go) => process.stdin.once('data', go));
    await acquireRunLock(${JSON.stringify(folder)}).then(() => console.log('held'), (error) => console.log('refused', error.message));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

async function verdict(child: ChildProcess): Promise<string> {
  const [chunk]: unknown[] = child.stdout === null ? [] : await once(child.stdout, 'data');
  return String(chunk).trim();
}

test('a second start on the same folder is refused with what to do, and goes through after a release', async (t) => {
  const folder = await temporaryFolder(t);
  const lock = await acquireRunLock(folder);
  assert.equal((await runLockHolder(folder))?.pid, process.pid);
  await assert.rejects(acquireRunLock(folder), refused);
  await lock.release();
  assert.equal(await runLockHolder(folder), undefined);
  await (await acquireRunLock(folder)).release();
});

test('of several that take over from a killed one at once, exactly one gets the lock, again and again', async (t) => {
  const folder = await temporaryFolder(t);
  for (let round = 0; round < 2; round += 1) {
    const contenders = Array.from({ length: 3 }, () => contender(t, folder));
    const verdicts = Promise.all(contenders.map(verdict));
    for (const { stdin } of contenders) stdin?.write('go\n');
    const said = await verdicts;
    assert.equal(said.filter((line) => line === 'held').length, 1, said.join(', '));
    await assert.rejects(acquireRunLock(folder), refused);
    const ends = contenders.map((child) => once(child, 'exit'));
    for (const child of contenders) child.kill('SIGKILL');
    await Promise.all(ends);
    assert.equal(await runLockHolder(folder), undefined);
  }
});

test('in one process, too, only one of many gets a lock that a dead one left', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'lock.41'), dead);
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => acquireRunLock(folder)));
  assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.deepEqual(await readdir(folder), ['lock.42']);
});

test('never two at once inside, however often it changes hands', async (t) => {
  const folder = await temporaryFolder(t);
  let inside = 0;
  let mostInside = 0;
  let turns = 0;
  const wanderer = async () => {
    while (turns < 60) {
      const lock = await acquireRunLock(folder).catch(() => undefined);
      if (lock === undefined) continue;
      inside += 1;
      turns += 1;
      mostInside = Math.max(mostInside, inside);
      await setImmediate();
      inside -= 1;
      await lock.release();
    }
  };
  await Promise.all(Array.from({ length: 8 }, wanderer));
  assert.equal(mostInside, 1);
  assert.equal((await readdir(folder)).length, 1, 'one file stays: the last number');
});

test('who looked at an old state, and takes a number that is free again, leaves the lock to its holder', async (t) => {
  const folder = await temporaryFolder(t);
  const holder = await ownLock(folder);
  writeFileSync(join(folder, 'lock.5'), dead);
  // The clock is read between looking and taking: here others come and go in that moment, and one stays.
  const slow = acquireRunLock(folder, () => {
    rmSync(join(folder, 'lock.5'), { force: true });
    writeFileSync(join(folder, 'lock.7'), holder);
    return Date.now();
  });
  await assert.rejects(slow, refused);
  assert.deepEqual(await readdir(folder), ['lock.7']);
});

test('a damaged lock file is held by nobody', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'lock.7'), '{"pid":');
  await (await acquireRunLock(folder)).release();
  assert.deepEqual(await readdir(folder), ['lock.8']);
});
