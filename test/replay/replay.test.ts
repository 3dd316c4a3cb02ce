import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, test } from 'node:test';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { workflowBundle } from '../../workers/bundle.ts';
import { workflowTypes } from '../../workflows/messages.ts';
import {
  historiesFolder,
  parseHistory,
  readHistories,
  type Recorded,
  type RecordedHistory,
} from '../support/histories.ts';
import { makeTemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';

/** The workflows as they are today, against what those of yesterday wrote down: no server, no activity. */
Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
});
const folder = await makeTemporaryFolder();
after(() => rm(folder, { recursive: true, force: true }));
const options = { workflowBundle: { codePath: await workflowBundle(folder) } };
const recorded = await readHistories(historiesFolder);

/** What went wrong, by name; empty where all is well. */
async function replay(histories: readonly Recorded[]): Promise<Map<string, unknown>> {
  const errors = new Map<string, unknown>();
  const given = histories.map(({ name, history }) => ({ workflowId: name, history }));
  for await (const { workflowId, error } of Worker.runReplayHistories(options, given))
    if (error !== undefined) errors.set(workflowId, error);
  return errors;
}

function named(name: string): RecordedHistory {
  const found = recorded.find((one) => one.name === name);
  assert.ok(found, `no history ${name}`);
  return found.history;
}

/** The same history after a change of its text. */
function changed(name: string, change: (text: string) => string): Recorded {
  const before = JSON.stringify(named(name));
  const text = change(before);
  assert.notEqual(text, before, 'nothing was changed');
  return { name, history: parseHistory(text) };
}

test(`${recorded.length} recorded histories are replayed by the workflows as they are`, async () => {
  const errors = await replay(recorded);
  assert.deepEqual(
    [...errors].map(([name, error]) => `${name}: ${String(error)}`),
    [],
  );
});

const ofType = (type: string) =>
  recorded.filter(({ history }) => JSON.stringify(history.events[0]).includes(`"name":"${type}"`));

for (const type of Object.values(workflowTypes)) {
  test(`there is a history of ${type}`, () => {
    assert.ok(ofType(type).length > 0);
  });
}

const continues = [
  workflowTypes.processAsset,
  workflowTypes.backfill,
  workflowTypes.reconcile,
  workflowTypes.verifyPublications,
  workflowTypes.undoPublications,
];
for (const type of continues) {
  test(`there is a history of ${type} that continued as a new run`, () => {
    const isContinued = ({ eventType }: { eventType: string }) => eventType.endsWith('CONTINUED_AS_NEW');
    assert.ok(ofType(type).some(({ history }) => history.events.some(isContinued)));
  });
}

test('there are histories of the first release', () => {
  assert.ok(recorded.some(({ name }) => name.startsWith('0.1.0/')));
});

const corruptions: Readonly<Record<string, Recorded>> = {
  'a step was another one': changed('0.1.0/process-asset.plain', (text) => text.replaceAll('"fingerprint"', '"faces"')),
  'a local step was another one': changed('0.1.0/process-asset.plain', (text) =>
    decoded(text, (inside) => inside.replaceAll('"activity_type":"checkSettled"', '"activity_type":"lookAtFile"')),
  ),
  'a wait is missing': without('0.1.0/process-asset.held-then-known', /TIMER/),
  'a local step is missing': without('0.1.0/process-asset.plain', /MARKER/),
  'a library was paged in another way': changed('0.1.0/backfill.rescan-during-the-pass', (text) =>
    text.replaceAll('"startPage"', '"startAll"'),
  ),
};

for (const [what, history] of Object.entries(corruptions)) {
  test(`a corrupted history is seen: ${what}`, async () => {
    const error = (await replay([history])).get(history.name);
    assert.ok(error instanceof DeterminismViolationError, String(error));
  });
}

test('a run of the first release goes on past the events after which one of today continues as a new run', async () => {
  const long = withPages('0.1.0/backfill.continued-as-new.run-1', 300);
  assert.ok(long.history.events.length > 1_800);
  assert.equal((await replay([long])).get(long.name), undefined);
});

test('a folder without histories is an error, not a success', async (t) => {
  await assert.rejects(readHistories(await temporaryFolder(t)), /npm run record:replay/);
});

/** What a marker holds is JSON in base64. */
function decoded(text: string, change: (inside: string) => string): string {
  return text.replaceAll(/"data":"([^"]*)"/g, (_, data: string) => {
    const inside = Buffer.from(change(Buffer.from(data, 'base64').toString('utf8')));
    return `"data":"${inside.toString('base64')}"`;
  });
}

/** Without these events, and numbered as if they had never been. */
function without(name: string, eventType: RegExp): Recorded {
  const { events } = named(name);
  const kept = events.filter((event) => !eventType.test(event.eventType));
  assert.notEqual(kept.length, events.length, 'nothing was left out');
  const numbers = new Map(kept.map(({ eventId }, at) => [eventId, String(at + 1)]));
  const renumbered = JSON.stringify({ events: kept }).replaceAll(
    /("[a-zA-Z]*[eE]ventId":)"(\d+)"/g,
    (_, field: string, id: string) => `${field}"${numbers.get(id) ?? '0'}"`,
  );
  return { name, history: parseHistory(renumbered) };
}

/** The same run with its second page (events 12 to 17) so many times, numbered as if it had been so. */
function withPages(name: string, times: number): Recorded {
  const { events } = named(name);
  const [from, to] = [11, 17];
  const moved = (part: typeof events, by: number): typeof events => {
    const steps = { eventId: (to - from) * by, activityId: by };
    const text = JSON.stringify({ events: part }).replaceAll(
      /("[a-zA-Z]*(eventId|activityId)":)"(\d+)"/gi,
      (_, field: string, kind: string, id: string) =>
        `${field}"${Number(id) + steps[kind === 'activityId' ? kind : 'eventId']}"`,
    );
    return parseHistory(text).events;
  };
  const page = events.slice(from, to);
  const more = Array.from({ length: times - 1 }, (_, nth) => moved(page, nth + 1));
  return { name, history: { events: [...events.slice(0, to), ...more.flat(), ...moved(events.slice(to), times - 1)] } };
}
