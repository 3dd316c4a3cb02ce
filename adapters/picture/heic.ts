import { z } from 'zod';
import { ConfigError, errorCode, PermanentError, TransientError } from '../../domain/errors.ts';
import { atMost } from './at-most.ts';
import { closing, cutOff, damaged, tooManyPixels } from './faults.ts';
import type { HeicAnswer } from './heic-child.ts';
import { type HeicEnd, type HeicRun, runHeicProcess } from './heic-process.ts';

export interface HeicOptions {
  readonly mostPixels: number;
  /** Longest time for one picture, in milliseconds; 12 megapixels take 2 to 3 s. */
  readonly timeoutMs: number;
  /** Pictures decoded at the same time, each in a process of its own (170 MB for 12 megapixels). */
  readonly atOnce: number;
}

interface HeicPicture {
  /** Upright size of the whole picture. */
  readonly fullWidth: number;
  readonly fullHeight: number;
  /** Size of the pixels below: shrunk by a whole factor, not smaller than asked for. */
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Buffer;
}

export interface HeicDecoder {
  decode(input: { bytes: Buffer; longSide: number; signal: AbortSignal }): Promise<HeicPicture>;
  /** Ends what is being decoded and waits until the processes are gone. */
  close(): Promise<void>;
}

const size = z.int().positive();
const Answer: z.ZodType<HeicAnswer> = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), fullWidth: size, fullHeight: size, width: size, height: size, channels: size }),
  z.object({
    ok: z.literal(false),
    fault: z.enum(['decoder-missing', 'too-many-pixels', 'cut-off', 'damaged']),
    message: z.string(),
  }),
]);

/** Signals that an operating system or a person sends: they say nothing about the photo. */
const fromOutside = new Set<NodeJS.Signals | null>(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']);

export function createHeicDecoder(options: HeicOptions): HeicDecoder {
  const inTurn = atMost(options.atOnce);
  const ending = new AbortController();
  const running = new Set<Promise<unknown>>();
  return {
    async decode({ bytes, longSide, signal }) {
      const ended = AbortSignal.any([signal, ending.signal]);
      const work = inTurn(ended, () => decodeOne(bytes, longSide, options, ended));
      running.add(work);
      try {
        return await work;
      } finally {
        running.delete(work);
      }
    },
    async close() {
      ending.abort(closing());
      await Promise.allSettled(running);
    },
  };
}

async function decodeOne(
  bytes: Buffer,
  longSide: number,
  { mostPixels, timeoutMs }: HeicOptions,
  ended: AbortSignal,
): Promise<HeicPicture> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  const run = { bytes, mostPixels, longSide, stop: AbortSignal.any([ended, limit.signal]) };
  try {
    let end = await start(run);
    // Killed, and not by us: by the system for want of memory, or by a person. Once more before the photo is blamed.
    if (fromOutside.has(end.signal) && !run.stop.aborted) end = await start(run);
    ended.throwIfAborted();
    if (limit.signal.aborted) throw timedOut(timeoutMs);
    return pictureOf(end, mostPixels);
  } finally {
    clearTimeout(timer);
  }
}

const start = (run: HeicRun): Promise<HeicEnd> =>
  runHeicProcess(run).catch((error: unknown) => {
    throw cannotStart(error);
  });

function pictureOf(end: HeicEnd, mostPixels: number): HeicPicture {
  const headerEnd = end.stdout.indexOf(0x0a);
  if (headerEnd < 0) throw crashed(end);
  const answer = Answer.safeParse(parseJson(end.stdout.toString('utf8', 0, headerEnd)));
  if (!answer.success) throw crashed(end);
  if (!answer.data.ok) throw refused(answer.data, mostPixels);
  const data = end.stdout.subarray(headerEnd + 1);
  const { width, height, channels } = answer.data;
  if (data.length !== width * height * channels) throw crashed(end);
  return { ...answer.data, data };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused({ fault, message }: Extract<HeicAnswer, { ok: false }>, mostPixels: number): Error {
  if (fault === 'decoder-missing') {
    return new ConfigError(
      'BadConfig',
      `The HEIC decoder cannot be loaded: run npm ci in Darkroom's folder. ${message}`,
    );
  }
  if (fault === 'too-many-pixels') return tooManyPixels(message, mostPixels);
  return fault === 'cut-off' ? cutOff(message) : damaged('heic', message);
}

function crashed({ exitCode, signal, stderr }: HeicEnd): PermanentError {
  const how = signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
  return damaged('heic', `the decoder broke down (${how}) ${stderr.trim().split('\n').at(-1) ?? ''}`);
}

const timedOut = (timeoutMs: number) =>
  new PermanentError('DecoderTimedOut', `The HEIC decoder did not finish in ${timeoutMs / 1000} s.`);

const cannotStart = (error: unknown) =>
  new TransientError(
    'LibraryUnreadable',
    `The HEIC decoder cannot be started (${errorCode(error) ?? ''}): the machine is short of memory or processes.`,
    { cause: error },
  );
