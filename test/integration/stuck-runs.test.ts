import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { stuckFinding } from '../../clients/doctor/runs.ts';
import { healthAsJson, healthLines } from '../../clients/run-health.ts';
import { lookForStuck, stuckQuery } from '../../clients/stuck-runs.ts';
import type { AssetRef } from '../../domain/asset.ts';
import { queues } from '../../domain/queues.ts';
import { plain } from '../replay/scenarios.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { currentBundle, startWorkflowWorker } from '../support/workflow-worker.ts';

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  const limit = AbortSignal.timeout(120_000);
  while (!(await isSo())) await sleep(200, undefined, { signal: limit });
};

const stat = { size: 1, mtimeMs: 1, ctimeMs: 1, inode: '1' };
const page = (workflowId: string) => `http://127.0.0.1:8233/${workflowId}`;

/** The workflows of a version that looks at files by a regular activity from the start: no run of before can go on. */
async function changedBundle(folder: string): Promise<string> {
  const code = await readFile(await currentBundle(), 'utf8');
  const changed = code.replace('localFirst(local.checkSettled, regular.checkSettled)', 'regular.checkSettled');
  assert.notEqual(changed, code, 'nothing was changed');
  const file = path.join(folder, 'changed.js');
  await writeFile(file, changed);
  return file;
}

const start = (client: Client, asset: AssetRef) =>
  client.workflow.start('processAsset', {
    workflowId: `asset/${asset.library}/${asset.path}`,
    taskQueue: queues.workflows,
    args: [{ asset }],
  });

test('runs whose workflow was changed under them are found, told with what to do, and go on after it', async (t) => {
  const library = randomUUID();
  let looks = 0;
  const waits = async () => {
    looks += 1;
    return { verdict: 'wait', waitMs: 1_000, first: { stat, at: 1 }, why: 'it grows' } as const;
  };
  const before = await startWorkflowWorker(t, { ...plain, checkSettled: waits });
  const { client } = before;
  const handles = [];
  for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) {
    handles.push(await start(client, { assetId: '1', library, path: name }));
  }
  await until(async () => looks >= 3);
  assert.deepEqual(await lookForStuck(client), { count: 0 });
  await before.stop();

  const after = await startWorkflowWorker(t, plain, await changedBundle(await temporaryFolder(t)));
  const began = Date.now();
  await until(async () => (await lookForStuck(after.client)).count === 3);
  t.diagnostic(`found ${Date.now() - began} ms after the changed worker began`);
  const stuck = await lookForStuck(after.client);
  assert.match(stuck.example?.workflowId ?? '', /^asset\/.*\/[abc]\.jpg$/);
  assert.equal(stuck.example?.type, 'processAsset');
  assert.match(stuck.example?.problems.join() ?? '', /category=WorkflowTaskFailed/);

  const health = { stuck, reconciled: undefined };
  const [line, link] = healthLines(health, { pageOf: page }, began);
  assert.match(line ?? '', /^3 runs cannot go on, their workflow tasks fail again and again, for example asset\//);
  assert.match(link ?? '', /http:\/\/127\.0\.0\.1:8233\/asset/);
  assert.equal(healthAsJson(health, { pageOf: page }).stuck?.example?.webUi, page(stuck.example?.workflowId ?? ''));
  const place = { address: '127.0.0.1:7233', namespace: 'default', page: (id: string) => ` ${page(id)}`, now: began };
  const finding = stuckFinding(stuck, place);
  assert.equal(finding.level, 'wrong');
  assert.match(finding.todo ?? '', /version of Darkroom that began them .* reset --address 127\.0\.0\.1:7233 .*replay/);
  assert.equal(stuckFinding({ count: 0 }, place).level, 'ok');

  // What the command in `todo` asks of the server: begin anew, under the workflow as it is now.
  await after.client.workflowService.startBatchOperation({
    namespace: after.client.options.namespace,
    visibilityQuery: stuckQuery,
    jobId: randomUUID(),
    reason: 'begun by another version',
    resetOperation: { options: { firstWorkflowTask: {} } },
  });
  await until(async () => (await lookForStuck(after.client)).count === 0);
  for (const { workflowId } of handles) {
    const result: unknown = await after.client.workflow.getHandle(workflowId).result();
    assert.ok(typeof result === 'object' && result !== null && 'outcome' in result && result.outcome === 'done');
  }
});

test('back under the version that began it, a stuck run goes on by itself', async (t) => {
  const library = randomUUID();
  let looks = 0;
  const waits = async () => {
    looks += 1;
    return { verdict: 'wait', waitMs: 1_000, first: { stat, at: 1 }, why: 'it grows' } as const;
  };
  const before = await startWorkflowWorker(t, { ...plain, checkSettled: waits });
  const { workflowId } = await start(before.client, { assetId: '1', library, path: 'a.jpg' });
  await until(async () => looks >= 1);
  await before.stop();
  const changed = await startWorkflowWorker(t, plain, await changedBundle(await temporaryFolder(t)));
  await until(async () => (await lookForStuck(changed.client)).count === 1);
  await changed.stop();
  const { client } = await startWorkflowWorker(t, plain);
  const result: unknown = await client.workflow.getHandle(workflowId).result();
  assert.ok(typeof result === 'object' && result !== null && 'outcome' in result && result.outcome === 'done');
  await until(async () => (await lookForStuck(client)).count === 0);
});
