import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { createLog, type Logger } from '../runtime/log.ts';

/** One old file is kept: enough to see what happened, never a full disk. */
const rotateAtBytes = 20 * 1_048_576;

const line = z.looseObject({
  level: z.string(),
  msg: z.string().optional(),
  err: z.looseObject({ message: z.string() }).optional(),
});

export interface UpLog {
  readonly log: Logger;
  /** A line that the engine printed: kept in the file; warnings and worse are also said to the person. */
  readonly engineLine: (text: string) => void;
  readonly file: string;
}

/** JSON lines in `<data>/logs/darkroom.log`; a person sees only what matters to them, through `say`. */
export function openUpLog(dataDir: string, level: string, say: (text: string) => void): UpLog {
  const folder = path.join(dataDir, 'logs');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'darkroom.log');
  if (existsSync(file) && statSync(file).size > rotateAtBytes) renameSync(file, `${file}.1`);
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  // A full disk must not end the supervisor: it says so through the database and the caches.
  stream.on('error', () => undefined);
  const write = (text: string) => void stream.write(text.endsWith('\n') ? text : `${text}\n`);
  const log = createLog({ level, pretty: false, name: 'up', destination: { write } });
  return {
    log,
    file,
    engineLine(text) {
      write(text);
      const words = wordsOf(text);
      if (words !== undefined) say(words);
    },
  };
}

/** What a person is told of a log line: nothing below a warning; a line that is no JSON as it is. */
function wordsOf(text: string): string | undefined {
  const parsed = safeJson(text);
  if (parsed === undefined) return text;
  const { level, msg, err, ...rest } = parsed;
  if (!['warn', 'error', 'fatal'].includes(level)) return undefined;
  const why = [rest['reason'], rest['detail'], rest['error'], err?.message].flatMap((one) =>
    one === undefined ? [] : [textOf(one)],
  );
  const about = ['photo', 'file', 'host', 'library', 'address', 'repeated'].flatMap((key) => {
    const value = rest[key] === undefined ? undefined : textOf(rest[key]);
    // Reasons of hosts begin with their name.
    return value === undefined || why.some((text) => text.startsWith(value)) ? [] : [`${key}: ${value}`];
  });
  const subject = about.length === 0 ? '' : ` (${about.join(', ')})`;
  return `${msg ?? ''}${subject}${why.length === 0 ? '' : `: ${why.join(', ')}`}`;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function safeJson(text: string): z.infer<typeof line> | undefined {
  try {
    return line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
