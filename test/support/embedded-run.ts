import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedPostgres, createEmbeddedPostgres } from '../../runtime/database/embedded.ts';
import type { LogLine } from '../../runtime/database/server-log.ts';

/** Runs as long as the test. */
export async function runningServer(t: TestContext, dataDir: string): Promise<EmbeddedPostgres & { log: LogLine[] }> {
  const log: LogLine[] = [];
  const server = await createEmbeddedPostgres({ dataDir, onLog: (line) => log.push(line) });
  t.after(() => server.stop());
  await server.start();
  await server.ready(AbortSignal.timeout(30_000));
  return { ...server, log };
}

/** Another process of ours that runs a server on `dataDir`, to be killed at will. It says `ready` when the database answers. */
export function otherRun(t: TestContext, dataDir: string): ChildProcess {
  const embedded = new URL('../../runtime/database/embedded.ts', import.meta.url).href;
  const program = `const { createEmbeddedPostgres } = await import(${JSON.stringify(embedded)});
    const server = await createEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, onLog: () => {} });
    await server.start();
    await server.ready(AbortSignal.timeout(30000));
    console.log('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

export async function untilReady({ stdout }: ChildProcess): Promise<void> {
  if (stdout !== null) await once(stdout, 'data', { signal: AbortSignal.timeout(30_000) });
}

export async function killRun(child: ChildProcess): Promise<void> {
  const end = once(child, 'exit');
  child.kill('SIGKILL');
  await end;
}

/** Looks every 2 ms. */
export async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const limit = AbortSignal.timeout(30_000);
  while (!(await isTrue())) await sleep(2, undefined, { signal: limit });
}
