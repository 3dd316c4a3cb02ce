import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ExifTool, exiftoolPath } from 'exiftool-vendored';
import { z } from 'zod';
import type { RawCapture } from './capture.ts';
import { closing } from './faults.ts';

export interface ExiftoolOptions {
  /** The perl that runs exiftool; a name is looked up in the usual folders. */
  readonly perl?: string;
  /** Longest time for one file, in milliseconds. */
  readonly timeoutMs?: number;
}

/** One shared exiftool process, started at the first file. */
export interface SharedExiftool {
  /** Reads the tags that we need. Rejects when exiftool cannot be started, fails or does not answer in time. */
  read(file: string): Promise<RawCapture>;
  /** False for a while after exiftool could not be started: starting it again for every photo would cost 0.1 s each. */
  usable(): boolean;
  /** Ends the process. Calls in flight reject with a TransientError. */
  close(): Promise<void>;
}

/** exiftool prints numbers for text that looks like one (a camera called `4300`). */
const text = z
  .union([z.string(), z.number().transform(String)])
  .optional()
  .catch(undefined);
const number = z.number().optional().catch(undefined);
/** One value is no list to exiftool; a keyword may look like a number or like true. */
const texts = z
  .preprocess(
    (value) => (Array.isArray(value) ? value : [value]),
    z.array(z.union([z.string(), z.number().transform(String), z.boolean().transform(String)])),
  )
  .catch([]);
const Tags = z.object({
  DateTimeOriginal: text,
  CreateDate: text,
  Make: text,
  Model: text,
  GPSLatitude: number,
  GPSLongitude: number,
  Subject: texts,
  Keywords: texts,
  Description: text,
  'Caption-Abstract': text,
  ImageDescription: text,
});

/**
 * Only what we need, as numbers, without maker notes and trailers (`-fast2`): 4 ms of CPU a photo where a plain read
 * takes 12. Composite coordinates carry the sign of the hemisphere; those of XMP are signed already.
 */
const readArgs = [
  '-fast2 -n -DateTimeOriginal -CreateDate -Make -Model',
  '-Composite:GPSLatitude -Composite:GPSLongitude -XMP-exif:GPSLatitude -XMP-exif:GPSLongitude',
  '-XMP-dc:Subject -IPTC:Keywords -XMP-dc:Description -IPTC:Caption-Abstract -IFD0:ImageDescription',
].flatMap((line) => line.split(' '));

/** exiftool reads hostile files: it gets no settings of ours (tokens, addresses) in its environment. */
const environment = {
  LANG: 'C',
  PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/opt/local/bin:/run/current-system/sw/bin',
};
const retryAfterMs = 600_000;
const filesPerProcess = 2_000;

export function createExiftool({ perl = 'perl', timeoutMs = 15_000 }: ExiftoolOptions = {}): SharedExiftool {
  let running: { tool: ExifTool; broken: PromiseWithResolvers<never> } | undefined;
  let brokenAt = -Infinity;
  let ending: Promise<unknown> = Promise.resolve();
  const end = (tool: ExifTool) => (ending = Promise.allSettled([ending, tool.end(false)]));
  const start = () => {
    const broken = Promise.withResolvers<never>();
    broken.promise.catch(() => undefined);
    const fail = (reason: unknown) => {
      brokenAt = performance.now();
      broken.reject(reason);
      running = undefined;
      void end(tool);
    };
    const tool = new ExifTool({
      maxProcs: 1,
      maxTasksPerProcess: filesPerProcess,
      taskTimeoutMillis: timeoutMs,
      taskRetries: 0,
      spawnTimeoutMillis: timeoutMs,
      checkPerl: false,
      processFactory: () => startProcess(perl),
    });
    tool.on('startError', fail);
    return (running = { tool, broken });
  };
  return {
    usable: () => performance.now() - brokenAt > retryAfterMs,
    async read(file) {
      const { tool, broken } = running ?? start();
      const reading = tool.readRaw(file, { useMWG: false, readArgs });
      const forgotten = () => {
        if (running?.tool === tool) running = undefined;
        void end(tool);
      };
      return rawCapture(await within(Promise.race([reading, broken.promise]), timeoutMs * 2, forgotten));
    },
    async close() {
      const { tool, broken } = running ?? {};
      running = undefined;
      brokenAt = Infinity;
      broken?.reject(closing());
      if (tool !== undefined) void end(tool);
      await ending;
    },
  };
}

function rawCapture(answer: unknown): RawCapture {
  const tags = Tags.parse(answer);
  return {
    dateTimeOriginal: tags.DateTimeOriginal,
    createDate: tags.CreateDate,
    make: tags.Make,
    model: tags.Model,
    latitude: tags.GPSLatitude,
    longitude: tags.GPSLongitude,
    keywords: [...tags.Subject, ...tags.Keywords],
    // XMP is what programs of today write; EXIF is where cameras leave their own name.
    captions: [tags.Description, tags['Caption-Abstract'], tags.ImageDescription].filter((one) => one !== undefined),
  };
}

/**
 * Started by us because the package leaves the error of a missing perl without a listener, which ends the whole process;
 * and in a process group of its own, because a Ctrl-C in the terminal would end it under a photo that is being finished.
 * It ends by itself when its input closes, so a killed parent leaves nothing behind.
 */
async function startProcess(perl: string) {
  const script = await exiftoolPath();
  const args = ['-stay_open', 'True', '-@', '-'];
  const child =
    process.platform === 'win32'
      ? spawn(script, args, { windowsHide: true })
      : spawn(perl, [script, ...args], { detached: true, env: environment });
  await once(child, 'spawn');
  return child;
}

/**
 * The package has limits of its own for a start and for a file; this one is for the case that it forgets a file. After the
 * clock was set back it starts no process until the old time has come again: an hour of photos took 30 s each.
 */
async function within<T>(work: Promise<T>, limitMs: number, onOverdue: () => void): Promise<T> {
  const { promise: overdue, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    onOverdue();
    reject(new Error(`exiftool gave no answer in ${limitMs / 1000} s`));
  }, limitMs);
  try {
    return await Promise.race([work, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
