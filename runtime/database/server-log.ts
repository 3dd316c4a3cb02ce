export interface LogLine {
  readonly level: 'debug' | 'warn' | 'error';
  readonly msg: string;
  readonly source: 'postgres';
}
export type OnLog = (line: LogLine) => void;

const levels: Record<string, LogLine['level']> = { WARNING: 'warn', ERROR: 'error', FATAL: 'error', PANIC: 'error' };
/** Lines that only say more about the one before. */
const continuations = new Set(['DETAIL', 'HINT', 'CONTEXT', 'STATEMENT', 'QUERY', 'LOCATION']);
/** Said to every client while the server starts or stops, and before our database exists: news to nobody. */
const expected = new Set(['57P01', '57P03', '3D000']);

/** Reads the server's own lines (`log_line_prefix = '%e '`: SQLSTATE, then `LEVEL:  text`) into levels of ours. */
export function createServerLog(onLog: OnLog): { line: (line: string) => void; said: () => string } {
  let level: LogLine['level'] = 'debug';
  const troubles: string[] = [];
  return {
    line(line) {
      const [, code = '', severity = '', text = ''] = /^(?:([0-9A-Z]{5}) )?([A-Z]+\d?):\s+(.*)$/.exec(line) ?? [];
      if (severity !== '' && !continuations.has(severity))
        level = expected.has(code) ? 'debug' : (levels[severity] ?? 'debug');
      if (level === 'error') troubles.push(text === '' ? line : text);
      if (troubles.length > 6) troubles.shift();
      onLog({ level, source: 'postgres', msg: severity === '' ? line : `${severity}: ${text}` });
    },
    /** The last lines of trouble, for a message about why the server is gone. */
    said: () => troubles.join(' '),
  };
}
