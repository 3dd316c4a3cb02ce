import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { OnTemporalLog } from './log-lines.ts';
import type { Ports } from './ports.ts';
import { MAIN_DB } from './server-config.ts';
import { readJson, writeWhole } from './state.ts';

const FILE = 'ports.json';
const PortsFile = z.object({ port: z.int(), uiPort: z.int() });

/**
 * The server takes members that it saw in the last 20 s for alive. After a quick restart on other ports it waited 52 s
 * for its own former self (matching answered 503 meanwhile); on the same ports, or later, it is ready in 0.3 s.
 */
const FORGOTTEN_AFTER_MS = 21_000;

export type LastPorts = z.infer<typeof PortsFile>;

export const readLastPorts = (stateDir: string): Promise<LastPorts | undefined> =>
  readJson(join(stateDir, FILE), PortsFile);

export const writeLastPorts = (stateDir: string, { frontend, ui }: Ports): Promise<void> =>
  writeWhole(join(stateDir, FILE), JSON.stringify({ port: frontend, uiPort: ui } satisfies LastPorts));

/** Waits, after a move to other ports, until the server has forgotten the former ones. */
export async function waitForOldMembers(input: {
  stateDir: string;
  last: LastPorts | undefined;
  ports: Ports;
  onLog: OnTemporalLog;
  signal: AbortSignal;
}): Promise<void> {
  const { stateDir, last, ports, onLog, signal } = input;
  if (last === undefined || last.port === ports.frontend) return;
  const wait = (await lastWrite(stateDir)) + FORGOTTEN_AFTER_MS - Date.now();
  if (wait <= 0) return;
  const seconds = Math.ceil(wait / 1000);
  const msg = `the port changed right after a stop: waiting ${seconds} s until the server has forgotten the former one`;
  onLog({ level: 'info', source: 'temporal-setup', msg });
  await sleep(wait, undefined, { signal });
}

/** Every sign of life is a write, so none is younger than the files. */
async function lastWrite(stateDir: string): Promise<number> {
  const files = [MAIN_DB, `${MAIN_DB}-wal`].map((name) => stat(join(stateDir, name)).catch(() => undefined));
  return Math.max(0, ...(await Promise.all(files)).map((file) => file?.mtimeMs ?? 0));
}
