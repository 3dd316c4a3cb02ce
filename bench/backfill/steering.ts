import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startScriptedHost } from '../../test/support/scripted-host.ts';
import { startUp } from '../engine/processes-under-test.ts';
import { makeFolders, writePhoto } from './many-photos.ts';

/** A program: one slot of 200 ms works through a backlog while a person steers; prints JSON. */
const [folders = '20', each = '1000'] = process.argv.slice(2);

const callMs = 200;
const darkroom = fileURLToPath(new URL('../../clients/darkroom.mjs', import.meta.url));
/** What the host is told of a photo, so that it can say which one it was asked about. */
const prompt = 'Describe {{folder}}/{{file_name}}.';

interface Call {
  readonly at: number;
  readonly photo: string;
}

async function startHost() {
  const calls: Call[] = [];
  const host = await startScriptedHost({
    answer({ prompt: asked }) {
      calls.push({ at: performance.now(), photo: asked });
      return { firstByteMs: callMs };
    },
  });
  return { ...host, asked: calls };
}
type Host = Awaited<ReturnType<typeof startHost>>;

/** A command as a person gives it; when it was given and when it came back, in ms of `performance.now()`. */
async function command(dataDir: string, ...args: string[]): Promise<{ given: number; back: number }> {
  const given = performance.now();
  const env = { ...process.env, DARKROOM_DATA_DIR: dataDir };
  const child = spawn(process.execPath, [darkroom, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`darkroom ${args.join(' ')} ended with ${code}`);
  return { given, back: performance.now() };
}

async function until(isSo: () => boolean): Promise<void> {
  for (const limit = performance.now() + 300_000; !isSo(); await sleep(10))
    if (performance.now() > limit) throw new Error('It did not happen within five minutes.');
}

const seconds = (ms: number): number => ms / 1_000;
const isIn = (folder: string) => (call: Call) => call.photo.includes(folder);

/** A file is written into a folder of the library: from then until its call begins, 2 s of quiet included. */
async function newUpload(host: Host, library: string, jpeg: Buffer, nth: number): Promise<number> {
  const name = `new-${nth}.jpg`;
  await writePhoto(path.join(library, 'f00', name), jpeg, 1_000_000 + nth);
  const written = performance.now();
  await until(() => host.asked.some(isIn(name)));
  return seconds((host.asked.find(isIn(name))?.at ?? Number.NaN) - written);
}

async function reprioritise(host: Host, dataDir: string, folder: string, photos: number) {
  const asked = command(dataDir, 'prioritize', folder, 'now');
  const given = performance.now();
  const inFolder = isIn(path.basename(folder));
  await until(() => host.asked.filter(inFolder).length >= photos);
  const { given: exactly } = await asked;
  // While one of the folder's is left nothing else may begin; the last ones are out at the same time as what comes behind them.
  const ofFolder = host.asked.filter(inFolder);
  const nearEnd = ofFolder[Math.floor(photos * 0.95)]?.at ?? Number.NaN;
  const since = host.asked.filter(({ at }) => at >= given && at <= nearEnd);
  const first = since.find(inFolder);
  const lastOther = since.findLast((call) => !inFolder(call));
  return {
    firstSeconds: seconds((first?.at ?? Number.NaN) - exactly),
    seconds: seconds((lastOther?.at ?? exactly) - exactly),
  };
}

async function pauseAndResume(host: Host, dataDir: string) {
  const paused = await command(dataDir, 'pause', 'describe', '--reason', 'a bench');
  await sleep(5_000);
  const last = host.asked.at(-1)?.at ?? Number.NaN;
  const resumed = await command(dataDir, 'resume', 'describe');
  await until(() => (host.asked.at(-1)?.at ?? 0) > resumed.given);
  const first = host.asked.find(({ at }) => at > resumed.given)?.at ?? Number.NaN;
  return { pause: Math.max(0, seconds(last - paused.given)), resume: seconds(first - resumed.given) };
}

const middleOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function run(home: string) {
  const [library, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await mkdir(dataDir, { mode: 0o711 });
  const jpeg = await makeFolders(library, Number(folders), Number(each));
  const host = await startHost();
  process.env['VISION_PROMPT'] = prompt;
  const up = startUp(library, dataDir, host.url);
  try {
    await up.readyAt;
    await until(() => host.asked.length > 40);
    const uploads: number[] = [];
    for (let nth = 0; nth < 3; nth += 1) uploads.push(await newUpload(host, library, jpeg, nth));
    const pauses = [];
    for (let nth = 0; nth < 3; nth += 1) pauses.push(await pauseAndResume(host, dataDir));
    const middle = `f${String(Math.floor(Number(folders) / 2)).padStart(2, '0')}`;
    const moved = await reprioritise(host, dataDir, path.join(library, middle), Number(each));
    return {
      uploads,
      pauses,
      newUploadSeconds: middleOf(uploads),
      reprioritiseFirstSeconds: moved.firstSeconds,
      reprioritiseSeconds: moved.seconds,
      pauseSeconds: middleOf(pauses.map(({ pause }) => pause)),
      resumeSeconds: middleOf(pauses.map(({ resume }) => resume)),
    };
  } finally {
    await up.stop();
    await host.off();
  }
}

const home = await mkdtemp(path.join(tmpdir(), 'darkroom-bench-steering-'));
try {
  await chmod(home, 0o711);
  process.stdout.write(`${JSON.stringify(await run(home))}\n`);
} finally {
  await rm(home, { recursive: true, force: true });
}
