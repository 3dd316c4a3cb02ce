import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface HeicRun {
  readonly bytes: Buffer;
  readonly mostPixels: number;
  readonly longSide: number;
  /** Ends the process at once. */
  readonly stop: AbortSignal;
}

export interface HeicEnd {
  readonly stdout: Buffer;
  /** The end of what it complained about, at most 2 KB. */
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

const program = fileURLToPath(new URL('./heic-child.ts', import.meta.url));
/** For JavaScript's own objects; the pixels lie in WebAssembly's memory, which the limit on pixels bounds. */
const heapMb = 128;
const longestHeader = 4096;
const keptComplaint = 2048;

/**
 * Runs `heic-child.ts` once. It may read files but not write any, nor start programs, and it gets nothing of our
 * environment. It has a process group of its own: a Ctrl-C in the terminal must not look like a broken photo.
 */
export async function runHeicProcess({ bytes, mostPixels, longSide, stop }: HeicRun): Promise<HeicEnd> {
  const limits = [`--max-old-space-size=${heapMb}`, '--permission', '--allow-fs-read=*'];
  const child = spawn(process.execPath, [...limits, program, String(mostPixels), String(longSide)], {
    detached: true,
    env: {},
    stdio: 'pipe',
  });
  const kill = () => void child.kill('SIGKILL');
  stop.addEventListener('abort', kill, { once: true });
  if (stop.aborted) kill();
  const stdout = new Collected(longestHeader + mostOutput(longSide), kill);
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-keptComplaint)));
  // A child that refuses early closes its input before it has everything; how it ended is told by its answer.
  child.stdin.on('error', () => undefined);
  child.stdin.end(bytes);
  try {
    await once(child, 'close');
  } finally {
    stop.removeEventListener('abort', kill);
  }
  return { stdout: stdout.bytes(), stderr, exitCode: child.exitCode, signal: child.signalCode };
}

/** The child shrinks by whole factors, so each side stays below twice the long side; at most four channels. */
const mostOutput = (longSide: number): number => 4 * (2 * longSide) ** 2;

/** What a pipe delivers, up to a bound; past it `overflow` is called and nothing more is kept. */
class Collected {
  readonly #chunks: Buffer[] = [];
  readonly #overflow: () => void;
  #room: number;
  constructor(room: number, overflow: () => void) {
    this.#room = room;
    this.#overflow = overflow;
  }
  add(chunk: Buffer): void {
    this.#room -= chunk.length;
    if (this.#room < 0) this.#overflow();
    else this.#chunks.push(chunk);
  }
  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
