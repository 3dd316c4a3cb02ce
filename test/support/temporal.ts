import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { Connection } from '@temporalio/client';
import { startTemporal, type Temporal } from '../../runtime/temporal/embedded.ts';
import type { TemporalLogEntry } from '../../runtime/temporal/log-lines.ts';
import { ensureNamespace } from '../../runtime/temporal/namespace.ts';

let shared: Promise<Temporal> | undefined;
let stop = async () => {};
// Registered while the file is loaded: a hook registered inside a test would end the server with that test.
after(() => stop());

/**
 * One embedded server for the whole test file, on free ports, in a folder of its own; its namespace and search attribute
 * are there. Ends with the file. Tests keep apart by task queue or workflow id. Throws where no server can be had.
 */
export function sharedTemporal(): Promise<Temporal> {
  shared ??= startShared();
  return shared;
}

async function startShared(): Promise<Temporal> {
  const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-temporal-'));
  const log: TemporalLogEntry[] = [];
  let server: Temporal | undefined;
  stop = async () => {
    await server?.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    // A server of the person's own is no place for tests.
    const env = { ...process.env, TEMPORAL_ADDRESS: '' };
    server = await startTemporal({ dataDir, env, port: 0, uiPort: 0, onLog: (entry) => log.push(entry) });
    const connection = await Connection.connect({ address: server.address });
    await ensureNamespace(connection, { namespace: server.namespace, embedded: true });
    await connection.close();
    return server;
  } catch (error) {
    throw new Error(`No Temporal server for the tests\n${log.map((entry) => JSON.stringify(entry)).join('\n')}`, {
      cause: error,
    });
  }
}
