import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineReader, type TemporalLogEntry } from '../../runtime/temporal/log-lines.ts';

function reader() {
  const passed: TemporalLogEntry[] = [];
  const clock = { now: 0 };
  const lines = createLineReader({ source: 'temporal', onLog: (entry) => passed.push(entry), now: () => clock.now });
  return { passed, clock, ...lines };
}

const json = (level: string, msg: string, more: object = {}) =>
  JSON.stringify({ level, ts: '2026-11-21T09:00:00Z', msg, 'logging-call-at': 'a.go:1', stacktrace: 's', ...more });

test('warnings and errors are passed on with their details, the rest is not', () => {
  const { line, passed } = reader();
  line(json('info', 'hello'));
  line(json('warn', 'slow', { component: 'matching' }));
  line(json('fatal', 'over'));
  line('{"time":"now","method":"GET","status":200,"error":""}');
  line('⇨ http server started on 127.0.0.1:8233');
  line('Unable to start server. Error: no');
  assert.deepEqual(passed, [
    { level: 'warn', source: 'temporal', msg: 'slow', details: { component: 'matching' } },
    { level: 'error', source: 'temporal', msg: 'over', details: {} },
    { level: 'error', source: 'temporal', msg: 'Unable to start server. Error: no' },
  ]);
});

test('the same message comes once a minute, then with the number of those held back', () => {
  const { line, passed, clock } = reader();
  for (clock.now = 0; clock.now <= 60_000; clock.now += 10_000) line(json('warn', 'slow'));
  assert.deepEqual(
    passed.map(({ repeated }) => repeated),
    [undefined, 5],
  );
});

test('what was held back is not lost at the end', () => {
  const { line, passed, flush } = reader();
  for (const shard of [1, 2, 3]) line(json('error', 'lost', { shard }));
  flush();
  flush();
  assert.deepEqual(passed.slice(1), [
    { level: 'error', source: 'temporal', msg: 'lost', details: { shard: 3 }, repeated: 2 },
  ]);
});

test('while quiet nothing is passed on, and the last lines are kept for the reason of an end', () => {
  const { line, passed, setQuiet, tail } = reader();
  setQuiet(true);
  for (let index = 0; index < 30; index += 1) line(`error ${index}`);
  setQuiet(false);
  assert.deepEqual(passed, []);
  assert.equal(tail().length, 20);
  assert.equal(tail().at(-1), 'error 29');
});
