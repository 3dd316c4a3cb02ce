import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconcile } from '../../clients/commands/reconcile.ts';
import { lookFinding } from '../../clients/doctor/runs.ts';
import { createOutput } from '../../clients/output.ts';
import { healthAsJson, healthLines } from '../../clients/run-health.ts';
import type { FollowedRun } from '../../clients/follow-run.ts';
import { nothingMissing, type ReconcileReport } from '../../domain/reconcile.ts';

const hour = 3_600_000;
const now = new Date(2026, 10, 21, 18, 0).getTime();
const report: ReconcileReport = { ...nothingMissing(now - 60_000), endedAt: now, looked: 12, started: 3, gone: 1 };

/** The command over a run that answers so; what it wrote, and its progress. */
async function commanded(
  run: Partial<FollowedRun<ReconcileReport>>,
  options: { json?: boolean; signal?: AbortSignal } = {},
) {
  let out = '';
  const progress: string[] = [];
  const running = { workflowId: 'reconcile/now', report: async () => report, result: async () => report, ...run };
  const code = await reconcile(
    { reconciles: { begin: async () => running }, pageOf: (id) => `http://127.0.0.1:8233/${id}` },
    createOutput({ write: (text) => (out += text), columns: 60 }),
    {
      json: options.json ?? false,
      progress: (text) => void progress.push(text),
      signal: options.signal ?? new AbortController().signal,
      lookEveryMs: 1,
    },
  );
  return { code, out, progress };
}

test('what was missing is told when it ended, with progress until then', async () => {
  const seen = Promise.withResolvers<ReconcileReport>();
  let looks = 0;
  const { code, out, progress } = await commanded({
    async report() {
      looks += 1;
      if (looks === 3) seen.resolve(report);
      return looks === 1 ? undefined : { ...report, looked: looks };
    },
    result: () => seen.promise,
  });
  assert.equal(code, 0);
  assert.equal(out, '2 started again; 1 whose file is gone (12 rows looked at).\n');
  assert.deepEqual(progress.slice(0, 2), ['waiting for a worker', '2 looked at, 3 started']);
  assert.equal(progress.at(-1), '', 'the line is taken away');
});

test('what could not be looked at is told, line by line, and is exit code 1', async () => {
  const problems = ['pictures: the library folder /mnt/photos cannot be read, because nothing is mounted there'];
  const { code, out } = await commanded({ result: async () => ({ ...report, problems }) });
  assert.equal(code, 1);
  const lines = out.trimEnd().split('\n');
  assert.equal(lines.length, 3);
  for (const line of lines) assert.ok(line.length <= 60, line);
});

test('for programs it is the report', async () => {
  const { code, out } = await commanded({}, { json: true });
  assert.deepEqual([code, JSON.parse(out)], [0, report]);
});

test('Ctrl-C ends the command and not the look; another failure is told as it is', async () => {
  const stop = new AbortController();
  const result = (signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled'))));
  setImmediate(() => stop.abort());
  const { code, out } = await commanded({ result }, { signal: stop.signal });
  assert.equal(code, 1);
  assert.match(out, /^Interrupted: it goes on without this command\s+\(http:\/\/127\.0\.0\.1:8233\/reconcile\/now\)/);
  await assert.rejects(commanded({ result: async () => Promise.reject(new Error('terminated')) }), /terminated/);
});

test('doctor tells the last look, and notes one that is long ago, had problems, is off, or never was', () => {
  assert.deepEqual(lookFinding(report, 60, now + hour), {
    about: 'reconcile',
    level: 'ok',
    detail: 'Last looked for what is missing at 18:00: 2 started again; 1 whose file is gone',
  });
  const late = lookFinding(report, 60, now + 2 * hour + 1);
  assert.deepEqual([late.level, late.todo], ['note', 'darkroom reconcile looks now.']);
  assert.match(late.detail, /That is long ago$/);
  const troubled = lookFinding({ ...report, problems: ['pictures: away'] }, 60, now);
  assert.match(`${troubled.level} ${troubled.detail}`, /^note .*pictures: away$/);
  assert.equal(lookFinding(report, 0, now + 99 * hour).level, 'ok');
  assert.match(lookFinding(undefined, 0, now).detail, /nothing was looked for yet; it is off/);
});

test('while Temporal does not answer, what was missing last is told, and stuck runs are not known', () => {
  const health = { stuck: undefined, reconciled: report };
  const webUi = { pageOf: () => undefined };
  assert.equal(healthLines(health, webUi, now).length, 1);
  assert.deepEqual(healthAsJson(health, webUi), { stuck: null, reconcile: report });
});
