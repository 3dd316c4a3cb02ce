import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { z } from 'zod';
import { createPhotos } from '../../clients/photos.ts';
import type { Activities } from '../../domain/contract.ts';
import { priorities, queues } from '../../domain/queues.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { type BackfillInput, backfillWorkflowId, setWindowUpdate, workflowTypes } from '../../workflows/messages.ts';
import { historiesFolder, nextRelease } from '../support/histories.ts';
import { startWorkflowWorker } from '../support/workflow-worker.ts';
import { clusterRuns, clusterStep } from './cluster-scenarios.ts';
import { publicationRuns, publicationSteps } from './publication-scenarios.ts';
import { backfillScenarios, photoScenarios, plain, reconcileScenarios, type Scenario } from './scenarios.ts';
import { steeringScenarios } from './steering-scenarios.ts';

/**
 * Records one history per run of every scenario, by the real workflows on a real server: `npm run record:replay`, by hand,
 * when a workflow's commands change on purpose (CHANGELOG.md says so). Takes a little over two minutes. A release renames
 * `next` to its own number; those folders stay as they are.
 */
const library = 'recorded';
const folder = path.join(historiesFolder, nextRelease);

test('record', async (t) => {
  const clients: Client[] = [];
  const passes = { ...backfillScenarios, ...steeringScenarios };
  const all = { ...photoScenarios, ...passes };
  const steps = new Map(Object.entries(all).map(([name, scenario]) => [name, stepsOf(name, scenario)]));
  const { client } = await startWorkflowWorker(t, {
    checkSettled: (input) => stepsFor(input.asset.path).checkSettled(input),
    fingerprint: (input) => stepsFor(input.asset.path).fingerprint(input),
    claimDescription: (input) => stepsFor(input.asset.path).claimDescription(input),
    describePhoto: (input) => stepsFor(input.asset.path).describePhoto(input),
    publish: (input) => stepsFor(input.asset.path).publish(input),
    finishRun: (input) => stepsFor(input.asset.path).finishRun(input),
    markWaiting: (input) => stepsFor(input.asset.path).markWaiting(input),
    startPage: (input) => stepsFor(input.library).startPage(input),
    keepBackfill: (input) => stepsFor(input.library).keepBackfill(input),
    startMissing: (input) => reconcileSteps(input.quietMs).startMissing(input),
    passLibraries: plain.passLibraries,
    keepReconciled: plain.keepReconciled,
    keepWindows: plain.keepWindows,
    findFaces: (input) => stepsFor(input.asset.path).findFaces(input),
    clusterFaces: clusterStep,
    ...publicationSteps,
  });
  clients.push(client);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const photos = createPhotos({ client, sha256 });
  await Promise.all([
    ...Object.keys(photoScenarios).map(async (name) => {
      const rawPath = Buffer.from(`${name}.jpg`);
      const asset = { assetId: '1', library, path: `${name}.jpg` };
      const { workflowId } = await photos.changed({ asset, rawPath, priority: priorities.upload }, 'a file event');
      await record(client, workflowId, `process-asset.${name}`);
    }),
    ...Object.keys(passes).map(async (name) => {
      await photos.scan(name, 'start');
      await record(client, backfillWorkflowId(name), `backfill.${name}`);
    }),
    (async () => {
      const input: BackfillInput = {
        library: 'one-page',
        chosen: { selection: { which: { kind: 'parked' } }, limit: 20 },
      };
      const workflowId = backfillWorkflowId('one-page', 'parked');
      await client.workflow.start(workflowTypes.backfill, { workflowId, taskQueue: queues.workflows, args: [input] });
      await record(client, workflowId, 'backfill.chosen');
    })(),
    (async () => {
      await client.workflow.start('keepWindow', { workflowId: 'window/night', taskQueue: queues.workflows });
      await record(client, 'window/night', 'keep-window.plain');
    })(),
    ...Object.keys(reconcileScenarios).map(async (name, quietMs) => {
      const workflowId = `reconcile/${name}`;
      await client.workflow.start('reconcile', { workflowId, taskQueue: queues.workflows, args: [{ quietMs }] });
      await record(client, workflowId, `reconcile.${name}`);
    }),
    ...[...publicationRuns, ...clusterRuns].map(async ({ workflowType, workflowId, args, name }) => {
      await client.workflow.start(workflowType, { workflowId, taskQueue: queues.workflows, args });
      await record(client, workflowId, name);
    }),
  ]);

  function stepsFor(pathOrLibrary: string): Activities {
    const found = steps.get(pathOrLibrary.replace(/\.jpg$/, ''));
    assert.ok(found, `no scenario ${pathOrLibrary}`);
    return found;
  }

  /** Reconcile is about no library: its input tells the scenarios apart. */
  function reconcileSteps(quietMs: number): Activities {
    const scenario = Object.values(reconcileScenarios)[quietMs];
    assert.ok(scenario, `no scenario ${quietMs}`);
    return { ...plain, ...scenario(async () => undefined) };
  }

  function stepsOf(name: string, scenario: Scenario): Activities {
    const workflowId = name in photoScenarios ? `asset/${library}/${name}.jpg` : backfillWorkflowId(name);
    const tell = async (message: string, input: unknown = { reason: 'a file event' }) => {
      const handle = clients[0]?.workflow.getHandle(workflowId);
      if (message === setWindowUpdate.name) await handle?.executeUpdate(setWindowUpdate, { args: [input] });
      else await handle?.signal(message, input);
    };
    return { ...plain, ...scenario(tell) };
  }
});

const historySchema = z.object({
  events: z.array(
    z.looseObject({
      workflowExecutionContinuedAsNewEventAttributes: z.object({ newExecutionRunId: z.string() }).optional(),
    }),
  ),
});

/** Waits for the end and writes down every run of the chain. */
async function record(client: Client, workflowId: string, name: string): Promise<void> {
  const { runId: latest } = await client.workflow.getHandle(workflowId).describe();
  await client.workflow
    .getHandle(workflowId)
    .result()
    .catch(() => 'parked runs fail on purpose');
  let runId: string | undefined = latest;
  for (let nth = 1; runId !== undefined; nth += 1) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const json: unknown = scrubbed(JSON.parse(historyToJSON(history)));
    const { events } = historySchema.parse(json);
    const text = `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
    for (const secret of [hostname(), path.dirname(fileURLToPath(import.meta.url)), 'node_modules', '/home/', '/root'])
      assert.ok(!text.includes(secret), `${name} holds ${secret}`);
    runId = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    const isOnlyRun = nth === 1 && runId === undefined;
    await writeFile(path.join(folder, `${name}${isOnlyRun ? '' : `.run-${nth}`}.json`), text);
  }
}

/** Without the names and paths of the machine that recorded it, and without padding. */
function scrubbed(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => scrubbed(item, field));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, scrubbed(item, name)]));
  if (typeof value !== 'string') return value;
  if (field === 'identity') return 'recorder';
  if (field === 'stackTrace') return '';
  if (field === 'name' && value.includes(hostname())) return 'recorder-sticky';
  if (field === 'data' && value.length > 100_000)
    return Buffer.from(
      Buffer.from(value, 'base64')
        .toString()
        .replaceAll(/x{1000,}/g, ''),
    ).toString('base64');
  return value;
}
