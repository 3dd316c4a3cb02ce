import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogLine, createServerLog } from '../../runtime/database/server-log.ts';

function read(...lines: string[]) {
  const seen: LogLine[] = [];
  const log = createServerLog((line) => seen.push(line));
  for (const line of lines) log.line(line);
  return { levels: seen.map(({ level }) => level), said: log.said() };
}

test('what is wrong is passed on as such, with its details; the rest is for debugging', () => {
  const { levels } = read(
    '00000 LOG:  database system is ready to accept connections',
    '01000 WARNING:  there is something',
    '23505 ERROR:  duplicate key value',
    '23505 DETAIL:  Key (id)=(1) already exists.',
    '00000 LOG:  checkpoint starting',
  );
  assert.deepEqual(levels, ['debug', 'warn', 'error', 'error', 'debug']);
});

test('what a server says to every client while it starts and stops alarms nobody', () => {
  const { levels, said } = read(
    '57P03 FATAL:  the database system is starting up',
    '57P01 FATAL:  terminating connection due to administrator command',
  );
  assert.deepEqual(levels, ['debug', 'debug']);
  assert.equal(said, '');
});

test('the reason why a server ended is kept: panics and the lines of the loader, not the errors of statements', () => {
  const { said } = read(
    '42601 ERROR:  syntax error',
    '53100 PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device',
    'postgres: error while loading shared libraries: libicui18n.so.60: cannot open shared object file',
  );
  assert.match(said, /No space left on device/);
  assert.match(said, /libicui18n/);
  assert.doesNotMatch(said, /syntax error/);
});
