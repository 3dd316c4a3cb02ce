import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { entry } from './darkroom-command.ts';
import type { TestDatabase } from './postgres.ts';
import type { sharedTemporal } from './temporal.ts';

/** Settings of a `darkroom worker` on the servers of this test process. */
export function onServers(
  { target }: Pick<TestDatabase, 'target'>,
  temporal: Awaited<ReturnType<typeof sharedTemporal>>,
): Record<string, string> {
  const { socketDir, user, database } = target;
  return {
    // The driver takes a socket's folder from the environment of libpq, where the URL names no host.
    DATABASE_URL: `postgres:///${database}`,
    PGHOST: socketDir,
    PGUSER: user,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    LIBRARY_FOLDERS: '',
  };
}

/** `darkroom worker` in a process of its own, on services that others share; killed with the test. */
export async function startWorkerProcess(
  t: TestContext,
  { env, home }: { env: Readonly<Record<string, string>>; home: string },
  name: string,
): Promise<ChildProcess> {
  const dataDir = path.join(home, name);
  await mkdir(dataDir, { recursive: true });
  const child = spawn(process.execPath, [entry, 'worker'], {
    env: { ...process.env, ...env, DARKROOM_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const said: string[] = [];
  child.stdout.on('data', (part) => said.push(String(part)));
  while (!said.join('').includes('takes work')) {
    assert.equal(child.exitCode, null, said.join(''));
    await sleep(50);
  }
  return child;
}
