import assert from 'node:assert/strict';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readLastPorts, waitForOldMembers, writeLastPorts } from '../../runtime/temporal/last-ports.ts';
import { portBlock } from '../../runtime/temporal/ports.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A server on port 21000 that wrote its last sign of life so many seconds ago. */
async function stopped(t: TestContext, secondsAgo: number) {
  const stateDir = await temporaryFolder(t);
  await writeLastPorts(stateDir, portBlock(21_000, 22_000));
  await writeFile(join(stateDir, 'temporal.db'), '');
  await writeFile(join(stateDir, 'temporal.db-wal'), '');
  const then = Date.now() / 1000 - secondsAgo;
  await utimes(join(stateDir, 'temporal.db'), then - 3600, then - 3600);
  await utimes(join(stateDir, 'temporal.db-wal'), then, then);
  const said: string[] = [];
  const startOn = async (port: number, signal = AbortSignal.timeout(50)) => {
    const [last, ports] = [await readLastPorts(stateDir), portBlock(port, 22_000)];
    await waitForOldMembers({ stateDir, last, ports, signal, onLog: ({ msg }) => said.push(msg) });
  };
  return { said, startOn };
}

test('on the same port nothing is waited for', async (t) => {
  const { startOn, said } = await stopped(t, 0);
  await startOn(21_000);
  assert.deepEqual(said, []);
});

test('on another port right after a stop the former self must be forgotten first, and this is said', async (t) => {
  const { startOn, said } = await stopped(t, 10);
  await assert.rejects(startOn(23_000), { name: 'AbortError' });
  assert.match(said.join(), /waiting 1[01] s until the server has forgotten/);
});

test('on another port later nothing is waited for', async (t) => {
  const { startOn, said } = await stopped(t, 22);
  await startOn(23_000);
  assert.deepEqual(said, []);
});

test('a first start waits for nothing', async (t) => {
  const stateDir = await temporaryFolder(t);
  assert.equal(await readLastPorts(stateDir), undefined);
});
