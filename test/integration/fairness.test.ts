import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { DescribeInput } from '../../domain/contract.ts';
import { createRuns } from '../../workers/runs.ts';
import { plain } from '../replay/scenarios.ts';
import { until } from '../support/embedded-run.ts';
import { startWorkflowWorker } from '../support/workflow-worker.ts';

const places = 2;

test('two libraries share the hosts by turns, however long the backlog of one of them is', async (t) => {
  const [large, small] = [randomUUID(), randomUUID()];
  const asked: string[] = [];
  let fingerprints = 0;
  const free = Promise.withResolvers<void>();
  const { client } = await startWorkflowWorker(t, {
    ...plain,
    async fingerprint(input) {
      fingerprints += 1;
      return await plain.fingerprint(input);
    },
    async describePhoto(input: DescribeInput) {
      asked.push(input.asset.library);
      await free.promise;
      return await plain.describePhoto(input);
    },
  });
  const runs = createRuns(client);
  const start = async (library: string, count: number) => {
    for (let at = 0; at < count; at += 1) {
      const path = `${at}.jpg`;
      await runs.start({ asset: { assetId: `${at}`, library, path }, rawPath: Buffer.from(path), priority: 4 });
    }
  };
  await start(large, 40);
  await until(async () => fingerprints === 40 && asked.length === places);
  await start(small, 6);
  await until(async () => fingerprints === 46);
  // What is read is queued for a host by the workflow's next task.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  free.resolve();
  await until(async () => asked.length === 46);
  const turns = asked.slice(places, asked.lastIndexOf(small) + 1);
  const others = turns.filter((library) => library === large).length;
  assert.ok(others <= 10, `${others} of the large backlog went before the 6 of the small one`);
});
