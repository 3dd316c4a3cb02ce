import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createHangup } from '../../workers/hangup.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const script = fileURLToPath(new URL('../support/hangup-process.ts', import.meta.url));

interface Started {
  /** The terminal that it runs in. */
  readonly terminal: ChildProcess;
  readonly pid: number;
  /** Looks until it has noted this. */
  readonly noted: (text: string) => Promise<void>;
  readonly notes: () => Promise<readonly string[]>;
}

/** In a terminal of its own (`script` is one); `how` is its command line, with `$RUN` for the process. */
async function startInTerminal(t: TestContext, how: string): Promise<Started> {
  const file = path.join(await temporaryFolder(t), 'notes');
  const run = how.replace('$RUN', `'${process.execPath}' '${script}' '${file}'`);
  const terminal = spawn('script', ['-qec', run, '/dev/null'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const notes = async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  const noted = async (text: string) => {
    for (const until = Date.now() + 10_000; Date.now() < until; await sleep(50)) {
      if ((await notes()).some((line) => line.startsWith(text))) return;
    }
    assert.fail(`not noted: ${text}; but ${(await notes()).join(', ')}`);
  };
  await noted('pid ');
  const pid = Number((await notes())[0]?.slice(4));
  t.after(() => {
    for (const one of [terminal.pid ?? pid, pid]) {
      try {
        process.kill(one, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
  });
  return { terminal, pid, noted, notes };
}

test('in a terminal that is there SIGHUP reads again, and when it is closed the work is stopped', async (t) => {
  const { terminal, pid, noted, notes } = await startInTerminal(t, '$RUN');
  process.kill(pid, 'SIGHUP');
  await noted('reload');
  assert.ok(!(await notes()).includes('gone'));
  terminal.kill('SIGKILL');
  await noted('gone');
});

test('a terminal that is closed is noticed where only the input or only the output leads there', async (t) => {
  for (const how of ['$RUN > /dev/null 2>&1', '$RUN < /dev/null 2> /dev/null']) {
    const { terminal, noted } = await startInTerminal(t, how);
    terminal.kill('SIGKILL');
    await noted('gone');
  }
});

test('started with nohup it goes on when the terminal is closed', async (t) => {
  const { terminal, pid, noted, notes } = await startInTerminal(t, 'nohup $RUN < /dev/null > /dev/null 2>&1');
  terminal.kill('SIGKILL');
  // The system's own signal: harmless.
  await noted('reload');
  process.kill(pid, 0);
  assert.ok(!(await notes()).includes('gone'));
});

test('a terminal that goes away a moment after its signal is noticed, too', async () => {
  let isThere = true;
  // The look afterwards keeps no process alive; the test has to.
  let waiting: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    waiting = setTimeout(() => reject(new Error('not noticed')), 10_000);
    const hangup = createHangup({
      onReload: () => (isThere = false),
      onGone: resolve,
      isTerminal: (fd) => fd === 1 && isThere,
      lookAgainMs: 1,
    });
    hangup();
  });
  clearTimeout(waiting);
});
