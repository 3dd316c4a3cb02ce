import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { reportSchema } from '../../clients/reconciles.ts';
import { darkroom } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type RunningUp, startUp } from '../support/up.ts';

async function clientOf(t: TestContext, up: RunningUp): Promise<Client> {
  const { address, namespace } = (await up.run()).temporal;
  const connection = await Connection.connect({ address });
  t.after(() => connection.close());
  return new Client({ connection, namespace });
}

const openRuns = async (client: Client): Promise<string[]> => {
  const ids: string[] = [];
  const query = "WorkflowType = 'processAsset' AND ExecutionStatus = 'Running'";
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  return ids;
};

/** Power off: everything at once, nothing may write another byte. */
async function killAll(up: RunningUp): Promise<void> {
  const { processes } = await up.run();
  const supervisor = up.kill();
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Its parent went first and took it along.
    }
  }
  await supervisor;
}

test("everything killed at once and Temporal's files gone: the next start finishes all, and repeats no finished call", async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(folder, 12, 3);
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 300 }) });
  t.after(() => host.off());
  const first = await startUp(t, { folders: [folder], hosts: [host.url], dataDir });
  await first.until('four calls are finished', () => host.total.finished >= 4);
  const before = new Map([...host.pictures].map(([hash, { calls, finished }]) => [hash, { calls, finished }]));
  // What was answered this long ago is saved; what is answered in the very instant of the kill was in flight.
  await sleep(250);
  await killAll(first);
  await rm(path.join(dataDir, 'temporal', 'state'), { recursive: true });

  const second = await startUp(t, { folders: [], hosts: [host.url], dataDir });
  await second.said(/^ready$/);
  await second.until('all are described', async () => (await second.counts()).done === 12, 120_000);
  for (const [hash, was] of before) {
    if (was.finished > 0) assert.equal(host.pictures.get(hash)?.calls, was.calls, 'a finished call was repeated');
  }
  assert.equal(host.pictures.size, 9, 'copies share one description');
  assert.ok(host.total.calls <= 9 + 1, `${host.total.calls} calls: more than the one in flight was repeated`);
  // A schedule was made on the empty server, and with it a look at once.
  await second.until('it was looked for what is missing', async () => (await reported(dataDir)) !== null);
  assert.equal((await second.stop()).code, 0);
});

/** What `status` says of the last look; null before the first one. */
async function reported(dataDir: string) {
  const { out } = await darkroom(['status', '--json', '--data-dir', dataDir], {});
  const status: unknown = JSON.parse(out);
  assert.ok(typeof status === 'object' && status !== null && 'reconcile' in status && 'stuck' in status);
  assert.deepEqual(status.stuck, { count: 0 });
  return status.reconcile === null ? null : reportSchema.parse(status.reconcile);
}

test('an open run that somebody terminated is started again by darkroom reconcile, and so is one of no library', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir, loose] = [path.join(home, 'library'), path.join(home, 'data'), path.join(home, 'loose')];
  await makePhotos(folder, 2);
  await makePhotos(loose, 4);
  const answer = { firstByteMs: 15_000 };
  const host = await startScriptedHost({ answer: () => answer });
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url], dataDir });
  await up.said(/^ready$/);
  const describing = darkroom(['describe', path.join(loose, 'IMG_0003.jpg'), '--data-dir', dataDir], {});
  await up.until('three are open', async () => (await up.counts()).open === 3);
  const client = await clientOf(t, up);
  // The first pass and the first look for what is missing would start some of them before we ask.
  const others = "WorkflowType != 'processAsset' AND ExecutionStatus = 'Running'";
  await up.until('the first rounds are over', async () => (await client.workflow.count(others)).count === 0);
  for (const id of await openRuns(client)) await client.workflow.getHandle(id).terminate('by hand');
  await up.until('Temporal knows of no open run', async () => (await openRuns(client)).length === 0);
  await describing;
  assert.equal((await up.counts()).open, 3, 'rows do not know of it');
  Object.assign(answer, { firstByteMs: 20 });

  const { code, out, err } = await darkroom(['reconcile', '--data-dir', dataDir], {});
  assert.equal(code, 0, err);
  assert.match(out, /^3 started again/);
  await up.until('all are described', async () => (await up.counts()).done === 3);
  assert.equal(host.total.calls, 3, 'the call that was under way was finished, kept and found again');
  const report = await reported(dataDir);
  assert.equal(report?.started, 3);
  const again = await darkroom(['reconcile', '--json', '--data-dir', dataDir], {});
  assert.equal(again.code, 0);
  const { started, gone, problems } = reportSchema.parse(JSON.parse(again.out));
  assert.deepEqual({ started, gone, problems }, { started: 0, gone: 0, problems: [] });
  const doctor = await darkroom(['doctor', '--data-dir', dataDir], {
    VISION_HOSTS: host.url,
    VISION_MODEL: host.model,
  });
  assert.match(doctor.out, /ok +stuck runs: none/);
  assert.match(doctor.out, /ok +reconcile: Last looked for what is missing at \d\d:\d\d: no run was missing/);
});
