import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { isDomainError } from '../../domain/errors.ts';
import { openRunning, type Opened } from '../open.ts';
import { createOutput } from '../output.ts';
import { makePictures } from './pictures.ts';
import { printTable } from './table.ts';

const usage = `Usage: darkroom demo [--keep]

The whole program with no GPU: makes a folder of pictures, starts two SIMULATED vision hosts of different speed, takes the
fast one down half-way, and ends with a table. Nothing of it is described by a model. With --keep it goes on running
until Ctrl-C, so that you can look at the Web UI.`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface SimulatedHost {
  readonly url: string;
  readonly process: ChildProcess;
}

async function startHost(answerMs: number): Promise<SimulatedHost> {
  const script = fileURLToPath(new URL('./simulated-host.ts', import.meta.url));
  const child = spawn(process.execPath, [script, '--port', '0', '--answer-ms', String(answerMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = z.object({ url: z.string() }).parse(JSON.parse(line));
    return { url, process: child };
  }
  throw new Error('A simulated host did not start.');
}

/** Waits until `up` answers, then until `isSo`. */
async function until(dataDir: string, isSo: (opened: Opened) => Promise<boolean>, ended: () => boolean): Promise<void> {
  for (;;) {
    if (ended()) throw new Error('darkroom up ended by itself.');
    try {
      const opened = await openRunning(process.env, dataDir);
      try {
        while (!ended()) {
          if (await isSo(opened)) return;
          await sleep(300);
        }
      } finally {
        await opened.close();
      }
    } catch (error) {
      if (!isDomainError(error)) throw error;
      await sleep(300);
    }
  }
}

const finished = async ({ queries }: Opened): Promise<number> =>
  (await queries.counts()).reduce((sum, { counts }) => sum + counts.done + counts.parked, 0);

async function demo(keep: boolean): Promise<void> {
  const home = await mkdtemp(path.join(tmpdir(), 'darkroom-demo-'));
  await chmod(home, 0o711);
  const folder = path.join(home, 'pictures');
  const dataDir = path.join(home, 'data');
  const [fast, slow] = [await startHost(400), await startHost(1_200)];
  const hosts = [fast, slow];
  let up: ChildProcess | undefined;
  try {
    const photos = await makePictures(folder, 24);
    say(`${photos} pictures in ${folder}`);
    say(`two SIMULATED vision hosts: ${fast.url} (fast), ${slow.url} (slow). No model looks at anything.\n`);
    up = startUp(
      folder,
      dataDir,
      hosts.map(({ url }) => url),
    );
    let isOver = false;
    up.once('exit', () => (isOver = true));
    const ended = () => isOver;
    await until(dataDir, async (opened) => (await finished(opened)) >= photos / 2, ended);
    fast.process.kill('SIGKILL');
    say(`\nhalf-way: the fast SIMULATED host is switched off; the slow one does the rest\n`);
    await until(dataDir, async (opened) => (await finished(opened)) >= photos, ended);
    await showTable(dataDir);
    if (keep) await once(process, 'SIGINT');
  } finally {
    await stop(up);
    for (const host of hosts) host.process.kill('SIGKILL');
    await rm(home, { recursive: true, force: true });
  }
}

async function showTable(dataDir: string): Promise<void> {
  const opened = await openRunning(process.env, dataDir);
  try {
    await printTable(opened, createOutput(process.stdout));
  } finally {
    await opened.close();
  }
}

function startUp(folder: string, dataDir: string, urls: readonly string[]): ChildProcess {
  const entry = fileURLToPath(new URL('../darkroom.mjs', import.meta.url));
  const env = {
    ...process.env,
    DARKROOM_DATA_DIR: dataDir,
    DARKROOM_TEMPORAL_PORT: '0',
    DARKROOM_TEMPORAL_UI_PORT: '0',
    DARKROOM_HTTP_ADDRESS: '127.0.0.1:0',
    DATABASE_URL: '',
    TEMPORAL_ADDRESS: '',
    LIBRARY_FOLDERS: '',
    VISION_HOSTS: urls.join(','),
    VISION_MODEL: 'simulated-vl',
  };
  return spawn(process.execPath, [entry, 'up', folder], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
}

async function stop(up: ChildProcess | undefined): Promise<void> {
  if (up === undefined || up.exitCode !== null || up.signalCode !== null) return;
  const exited = new Promise((resolve) => up.once('exit', resolve));
  up.kill('SIGINT');
  await exited;
}

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg, at) => at > 0 || arg !== 'demo'),
  options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
});
if (values.help) say(usage);
else await demo(values.keep);
process.exit(0);
