import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backfills } from '../../clients/backfills.ts';
import { status } from '../../clients/commands/status.ts';
import { watchStatus } from '../../clients/commands/status-watch.ts';
import { createOutput } from '../../clients/output.ts';
import type { StatusSources } from '../../clients/status-now.ts';
import type { Steering } from '../../domain/backfill.ts';
import { TransientError } from '../../domain/errors.ts';
import { hostReportFreshMs } from '../../domain/host-report.ts';
import { progressKey } from '../../domain/progress.ts';

const counts = { new: 0, open: 4, waiting: 0, done: 0, parked: 0, gone: 0, unsupported: 0, skipped: 0 };
const told = { name: 'Pictures', scanning: true, inFolder: 100, eta: { ms: 13_200_000, hosts: 2, unmeasured: 0 } };

const stuck = {
  count: 2,
  example: { workflowId: 'asset/a', runId: 'r', type: 'processAsset', startedAt: 0, problems: ['cause=X'] },
};

interface Change {
  /** Photos described at each look, in turn; undefined: the database does not answer. */
  readonly looks?: readonly (number | undefined)[];
  readonly progress?: object;
  readonly age?: number;
  readonly lack?: string;
  readonly backfills?: Backfills['open'];
}

/** What a running `up` would tell. */
function sources({
  looks = [0],
  progress = told,
  age = 0,
  lack,
  backfills = async () => [],
}: Change = {}): StatusSources {
  let look = 0;
  return {
    run: {
      version: '1.2.3',
      startedAt: Date.now() - 3_600_000,
      supervisor: { pid: 7, startedAt: 'then' },
      processes: [],
      temporal: { address: 'localhost:1', namespace: 'default' },
      database: { kind: 'url', url: 'postgres://x' },
      visionHosts: [],
      libraries: [],
    },
    facts: {
      get: async (key) =>
        key === progressKey ? { value: { libraries: [progress] }, updated: Date.now() - age } : undefined,
      put: async () => undefined,
    },
    immich: {
      store: { libraries: async () => [] },
      status: { skipReasons: async () => [], heldTexts: async () => [] },
    },
    published: { published: async () => [] },
    lackOfRoom: async () => lack,
    stuckRuns: async () => stuck,
    pageOf: (workflowId) => `http://ui/${workflowId}`,
    pauses: { look: async () => [] },
    kept: { look: async () => ({ pauses: [], resumed: new Map() }) },
    planned: { look: async () => [] },
    backfills: { open: backfills },
    queries: {
      async counts() {
        const done = looks[Math.min(look, looks.length - 1)];
        look += 1;
        if (done === undefined) throw new TransientError('DatabaseUnavailable', 'The database is away.');
        return [
          {
            library: { id: '1', name: 'Pictures', root: '/pictures' },
            counts: { ...counts, done },
            outdated: { done: 0, parked: 0 },
            peopleChanged: 0,
          },
        ];
      },
      recentRate: async () => ({ finished: 62, spanMs: 120_000 }),
      waitingReasons: async () => [],
      parkedByCode: async () => [
        { code: 'Refused', count: 1_200, reason: 'why', example: { assetId: '1', library: 'Pictures', path: 'a.jpg' } },
      ],
      hostTotals: async () => [],
    },
  };
}

async function watched(change: Change, { json = false, rows = 0, isRunning = true, columns = 200 } = {}) {
  const parts: string[] = [];
  const stop = new AbortController();
  const out = createOutput({ write: (text) => parts.push(text), columns });
  const all = sources(change);
  const opened = {
    ...all,
    lackOfRoom: async () => {
      // The last look ends the watching, as Ctrl-C does.
      if (--left === 0) stop.abort();
      return await all.lackOfRoom();
    },
  };
  let left = change.looks?.length ?? 1;
  await watchStatus(opened, out, {
    json,
    rows: rows === 0 ? undefined : () => rows,
    signal: stop.signal,
    isRunning: async () => isRunning,
    everyMs: 1,
  });
  return parts.join('');
}

test('in a pipe a line is told once, again only when it has changed', async () => {
  const said = await watched({ looks: [10, 10, 11, 11] });
  assert.deepEqual(said.split('\n'), [
    'Pictures  10/100 described · about 3 h 40 min with 2 hosts · 31/min · 4 in flight · 86 not started',
    'Pictures  11/100 described · about 3 h 40 min with 2 hosts · 31/min · 4 in flight · 85 not started',
    '',
  ]);
});

test('for programs each change is one line of JSON, with its parts', async () => {
  const lines = (await watched({ looks: [10, 11] }, { json: true })).split('\n').slice(0, -1);
  assert.equal(lines.length, 2);
  const [first]: { libraries: { standing: object; eta: object }[] }[] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(first?.libraries[0]?.eta, { ms: 13_200_000, hosts: 2, unmeasured: 0 });
  assert.deepEqual(first?.libraries[0]?.standing, {
    described: 10,
    inFlight: 4,
    waiting: 0,
    parked: 0,
    notStarted: 86,
    total: 100,
    isGrowing: false,
    left: 90,
  });
});

test('a database that is away is told, and watching goes on; where nothing runs any more it ends with the reason', async () => {
  const said = await watched({ looks: [10, undefined, undefined, 11] });
  assert.deepEqual(
    said.split('\n').map((line) => line.slice(0, 21)),
    ['Pictures  10/100 desc', 'The database is away.', 'Pictures  11/100 desc', ''],
  );
  await assert.rejects(watched({ looks: [10, undefined, undefined] }, { isRunning: false }), /The database is away/);
});

test('a terminal is drawn over from its top, each line to its end, and never past its last line', async () => {
  const said = await watched({ looks: [10, 11] }, { rows: 9, columns: 60 });
  const [before, first = '', second = ''] = said.split('\u001B[H');
  assert.equal(before, '\u001B[2J');
  for (const screen of [first, second]) {
    const lines = screen.split('\n').slice(0, -1);
    assert.equal(lines.length, 8);
    for (const line of lines) assert.ok(line.endsWith('\u001B[K') || line.endsWith('\u001B[K\u001B[J'), line);
  }
  assert.match(second, /11\/100 described/);
});

test('runs that cannot go on are told, with their page, also for programs', async () => {
  const parts: string[] = [];
  const out = createOutput({ write: (text) => parts.push(text), columns: 400 });
  await status(sources(), out, { json: false });
  assert.match(parts.join(''), /"darkroom doctor" says what to do\)\n {2}http:\/\/ui\/asset\/a\n/);
  parts.length = 0;
  await status(sources(), out, { json: true });
  assert.match(parts.join(''), /"stuck": \{\s*"count": 2/);
});

test('what an engine told more than half a minute ago is not told as if it were so', async () => {
  const parts: string[] = [];
  const out = createOutput({ write: (text) => parts.push(text), columns: 200 });
  await status(sources({ age: hostReportFreshMs + 1, lack: 'The disk is short of room' }), out, { json: false });
  assert.match(
    parts.join(''),
    /\nThe disk is short of room\n[^]*\n\nPictures {2}0\/4 described · 31\/min · 4 in flight\n/,
  );
  assert.match(parts.join(''), /\nparked \(needs you\)\n {2}1,200 Refused in Pictures: why \(a\.jpg\)\n/);
});

const passed = { passes: 0, seen: 0, started: 0, skipped: 0, unsupported: 0, problems: [] };
const pass = { backfill: '0198-aaaaaaaa', workflowId: 'backfill/Pictures', library: 'Pictures', startedAt: 1 };
const steered = (steering: Partial<Steering>) => ({ ...passed, steering: { window: 64, priority: 4, ...steering } });
const until = new Date(2030, 0, 2, 20, 50).getTime();

test('a backfill that is held is told on top, with what makes it go on; one that goes on is not', async () => {
  const open: Awaited<ReturnType<Backfills['open']>> = [
    { ...pass, view: steered({ pause: { reason: 'guests', until } }) },
    {
      ...pass,
      backfill: '0198-bbbbbbbb',
      workflowId: 'backfill/Pictures/x',
      view: steered({ pause: { reason: 'no' } }),
    },
    {
      ...pass,
      backfill: '0198-cccccccc',
      workflowId: 'backfill/Pictures/y',
      view: steered({ cancelled: { reason: 'wrong' } }),
    },
    { ...pass, backfill: '0198-dddddddd', workflowId: 'backfill/Pictures/z', view: steered({}) },
    { ...pass, backfill: '0198-eeeeeeee', workflowId: 'backfill/Pictures/u', view: undefined },
  ];
  const parts: string[] = [];
  const out = createOutput({ write: (text) => parts.push(text), columns: 200 });
  await status(sources({ backfills: async () => open }), out, { json: false });
  const lines = parts.join('').split('\n');
  assert.deepEqual(lines.slice(0, 3), [
    'backfill Pictures paused (guests) until 2030-01-02 20:50: darkroom backfills resume Pictures',
    'backfill bbbbbbbb of Pictures paused (no): darkroom backfills resume bbbbbbbb',
    'backfill cccccccc of Pictures was cancelled (wrong): it starts nothing more and ends',
  ]);
  assert.match(lines[3] ?? '', /^Darkroom 1/);
  parts.length = 0;
  await status(sources({ backfills: async () => open }), out, { json: true });
  const { backfills }: { backfills: { state: string; until?: number }[] } = JSON.parse(parts.join(''));
  assert.deepEqual(
    backfills.map(({ state }) => state),
    ['paused', 'paused', 'draining', 'running', 'running'],
  );
  assert.equal(backfills[0]?.until, until);
});

test('where Temporal does not answer, status tells everything but the backfills', async () => {
  const parts: string[] = [];
  const out = createOutput({ write: (text) => parts.push(text), columns: 200 });
  const away = sources({ backfills: () => Promise.reject(new Error('away')) });
  await status(away, out, { json: false });
  assert.match(parts.join(''), /^Darkroom 1\.2\.3/);
  parts.length = 0;
  await status(away, out, { json: true });
  assert.match(parts.join(''), /"backfills": null/);
});
