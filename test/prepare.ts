import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findServer } from '../runtime/temporal/find.ts';

/**
 * Before the tests: a Temporal server that they can start. Where none is at hand it is downloaded or built here, once and
 * for all to see (about five minutes on two cores), and not inside the first test that needs it.
 */
const downloadDir = await mkdtemp(path.join(tmpdir(), 'darkroom-download-'));
try {
  const onLog = ({ msg }: { msg: string }): void => void process.stdout.write(`${msg}\n`);
  const found = await findServer({ env: process.env, downloadDir, onLog, signal: undefined });
  process.stdout.write(`Temporal server for the tests: ${found.kind}, version ${found.version}\n`);
} finally {
  await rm(downloadDir, { recursive: true, force: true });
}
