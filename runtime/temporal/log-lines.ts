import { z } from 'zod';

export type TemporalLogSource = 'temporal' | 'temporal-ui' | 'temporal-setup';

export interface TemporalLogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly source: TemporalLogSource;
  readonly msg: string;
  /** How often the same message was held back since it was last passed on. */
  readonly repeated?: number;
  /** What else the server's line said (`error`, `component`, …). */
  readonly details?: Readonly<Record<string, unknown>>;
}

export type OnTemporalLog = (entry: TemporalLogEntry) => void;

export interface LineReader {
  readonly line: (text: string) => void;
  /**
   * While quiet, lines are only kept for `tail`: starting and stopping, the server's parts report each other as missing,
   * a dozen lines that mean nothing.
   */
  readonly setQuiet: (quiet: boolean) => void;
  /** The last lines as they came, newest last: for the message when the program ends at once. */
  readonly tail: () => readonly string[];
  /** Passes on what was held back. */
  readonly flush: () => void;
}

const WINDOW_MS = 60_000;
const TAIL_LINES = 20;
/** Messages are constants in the server's code, so few are seen; the bound is for plain lines that carry numbers. */
const MOST_MESSAGES = 200;

const ServerLine = z.looseObject({ level: z.string(), msg: z.string() });
const quietFields = new Set(['level', 'msg', 'ts', 'logging-call-at', 'stacktrace']);

/**
 * Reads what a server prints: JSON lines of level warn and above are passed on, the same message once a minute and then
 * with the number of those held back. Other lines are passed on only where they speak of an error.
 */
export function createLineReader(input: {
  source: TemporalLogSource;
  onLog: OnTemporalLog;
  now?: () => number;
}): LineReader {
  const { source, onLog, now = Date.now } = input;
  const seen = new Map<string, { since: number; held: number; last: TemporalLogEntry }>();
  const tail: string[] = [];
  let quiet = false;

  const passOn = (entry: TemporalLogEntry) => {
    const key = `${entry.level} ${entry.msg}`;
    const known = seen.get(key);
    if (known !== undefined && now() - known.since < WINDOW_MS) {
      seen.set(key, { ...known, held: known.held + 1, last: entry });
      return;
    }
    seen.delete(key);
    seen.set(key, { since: now(), held: 0, last: entry });
    const [oldest] = seen.keys();
    if (seen.size > MOST_MESSAGES && oldest !== undefined) seen.delete(oldest);
    onLog(withCount(entry, known?.held ?? 0));
  };

  return {
    line(text) {
      if (text.trim() === '') return;
      tail.push(text);
      if (tail.length > TAIL_LINES) tail.shift();
      const entry = quiet ? undefined : readLine(text, source);
      if (entry !== undefined) passOn(entry);
    },
    setQuiet(value) {
      quiet = value;
    },
    tail: () => [...tail],
    flush() {
      for (const { held, last } of seen.values()) if (held > 0) onLog(withCount(last, held));
      seen.clear();
    },
  };
}

const withCount = (entry: TemporalLogEntry, held: number): TemporalLogEntry =>
  held === 0 ? entry : { ...entry, repeated: held };

function readLine(text: string, source: TemporalLogSource): TemporalLogEntry | undefined {
  const json = parseJson(text);
  if (json === undefined) return plainLine(text.trim(), source);
  const parsed = ServerLine.safeParse(json);
  // JSON without a level is the UI's access log.
  if (!parsed.success || ['debug', 'info'].includes(parsed.data.level)) return undefined;
  const { level, msg } = parsed.data;
  const details = Object.fromEntries(Object.entries(parsed.data).filter(([name]) => !quietFields.has(name)));
  return { level: level === 'warn' ? 'warn' : 'error', source, msg, details };
}

const plainLine = (msg: string, source: TemporalLogSource): TemporalLogEntry | undefined =>
  /\b(error|panic|fatal|unable)\b/i.test(msg) ? { level: 'error', source, msg } : undefined;

const CAUSE_LENGTH = 240;

/** Go wraps errors from the outside in: what went wrong stands at the end of a line of thousands of characters. */
export function rootCause(line = ''): string {
  const parsed = ServerLine.extend({ error: z.string() }).safeParse(parseJson(line));
  const text = parsed.success ? `${parsed.data.msg}: ${parsed.data.error}` : line.trim();
  return text.length > CAUSE_LENGTH ? `…${text.slice(-CAUSE_LENGTH)}` : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
