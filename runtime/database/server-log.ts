export interface LogLine {
  readonly level: 'debug' | 'warn' | 'error';
  readonly msg: string;
  readonly source: 'postgres';
}
export type OnLog = (line: LogLine) => void;

const levels: Record<string, LogLine['level']> = { WARNING: 'warn', ERROR: 'error', FATAL: 'error', PANIC: 'error' };
/** Lines that only say more about the one before. */
const continuations = new Set(['DETAIL', 'HINT', 'CONTEXT', 'STATEMENT', 'QUERY', 'LOCATION']);
/** Said to clients while the server starts or stops, around the making of our database, and when we cancel: news to nobody. */
const expected = new Set(['57P01', '57P03', '3D000', '42710', '42P04', '57014']);
/**
 * These end the server or keep it from starting; an ERROR ends one statement. What led to it is often said as a LOG line before, with
 * a code that is not the one of success; class 08 is about clients that went away.
 */
const isFatalLine = (severity: string, code: string): boolean =>
  (['FATAL', 'PANIC'].includes(severity) && !expected.has(code)) || (severity === 'LOG' && /^(?!00000|08)./.test(code));

/** Reads the server's own lines (`log_line_prefix = '%e '`: SQLSTATE, then `LEVEL:  text`) into levels of ours. */
export function createServerLog(onLog: OnLog): { line: (line: string) => void; said: () => string } {
  let level: LogLine['level'] = 'debug';
  let isFatal = false;
  const troubles: string[] = [];
  return {
    line(line) {
      const [, code = '', severity = '', text = ''] = /^(?:([0-9A-Z]{5}) )?([A-Z]+\d?):\s+(.*)$/.exec(line) ?? [];
      if (severity !== '' && !continuations.has(severity)) {
        level = expected.has(code) ? 'debug' : (levels[severity] ?? 'debug');
        isFatal = isFatalLine(severity, code);
      }
      // Before the server has read its settings, and from the loader, lines come without a severity.
      if (isFatal || severity === '') troubles.push(text === '' ? line : text);
      if (troubles.length > 6) troubles.shift();
      onLog({ level, source: 'postgres', msg: severity === '' ? line : `${severity}: ${text}` });
    },
    /** The last lines of trouble, for a message about why the server is gone. */
    said: () => troubles.join(' '),
  };
}
