import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bench } from './main.ts';
import { usageOf } from './processes.ts';

const program = fileURLToPath(new URL('./watch/watching.ts', import.meta.url));
const sampleMs = 50;
/** The heap that the first look left behind is given back, or not, within this time. */
const restMs = 3_000;

/** Empty files, spread evenly, in folders as cameras and people make them: a year, an album. */
function makeTree(root: string, files: number, folders: number): void {
  for (let folder = 0; folder < folders; folder += 1) {
    const album = path.join(root, `${1995 + (folder % 30)}`, `album-${folder}`);
    mkdirSync(album, { recursive: true });
    const last = Math.floor(((folder + 1) * files) / folders);
    for (let file = Math.floor((folder * files) / folders); file < last; file += 1)
      closeSync(openSync(path.join(album, `IMG_${file}.jpg`), 'w'));
  }
}

/** The lines that the watching process prints, each waited for once. */
function linesOf(child: ChildProcess): (wanted: string) => Promise<void> {
  const waiting = new Map<string, () => void>();
  const seen = new Set<string>();
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on('line', (line) => {
      seen.add(line);
      waiting.get(line)?.();
    });
  return (wanted) =>
    new Promise((resolve, reject) => {
      if (seen.has(wanted)) return resolve();
      waiting.set(wanted, resolve);
      child.once('exit', (code) => reject(new Error(`The watching process ended with exit code ${code}`)));
    });
}

async function measure(root: string, poll: string) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [program, root, poll], { stdio: ['ignore', 'pipe', 'inherit'] });
  const mbNow = () => usageOf([child.pid ?? 0]).pssMb;
  let peakMb = 0;
  const sampling = setInterval(() => (peakMb = Math.max(peakMb, mbNow())), sampleMs);
  const line = linesOf(child);
  try {
    await line('ready');
    const readySeconds = (performance.now() - startedAt) / 1000;
    await sleep(restMs);
    const mb = mbNow();
    const writtenAt = performance.now();
    await writeFile(path.join(root, 'new.jpg'), 'x');
    await line('noticed');
    const noticedSeconds = (performance.now() - writtenAt) / 1000;
    return { readySeconds, peakMb: Math.max(peakMb, mb), mb, noticedSeconds };
  } finally {
    clearInterval(sampling);
    child.kill('SIGKILL');
  }
}

const rounded = (value: number) => Math.round(value * 100) / 100;

const bench: Bench = {
  name: 'watch',
  claim: 'A library of 500,000 photos is watched in seconds and within 100 MB, because no file is held in memory',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        files: { type: 'string', default: '500000' },
        folders: { type: 'string', default: '2000' },
        poll: { type: 'string', default: 'off' },
      },
    });
    const [files, folders] = [Number(values.files), Number(values.folders)];
    const root = await mkdtemp(path.join(tmpdir(), 'darkroom-bench-watch-'));
    try {
      makeTree(root, files, folders);
      const { readySeconds, peakMb, mb, noticedSeconds } = await measure(root, values.poll);
      return {
        bench: 'watch',
        files,
        folders,
        poll: values.poll,
        readySeconds: rounded(readySeconds),
        peakMb: Math.round(peakMb),
        mb: Math.round(mb),
        noticedSeconds: rounded(noticedSeconds),
      };
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  },
};

export default bench;
