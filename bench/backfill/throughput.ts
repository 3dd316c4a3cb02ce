import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { assetWorkflowId } from '../../domain/paths.ts';
import { queues } from '../../domain/queues.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { type BackfillInput, backfillWorkflowId, workflowTypes } from '../../workflows/messages.ts';
import { watchAlong } from './along.ts';
import { type Services, startServices } from './services.ts';
import { noSteps, syntheticFolder } from './synthetic-library.ts';

/** A program: one library of so many photos from the first to the last, with steps of 0 ms; prints JSON. */
const [count = '20000', ...marks] = process.argv.slice(2);

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function run({ client, library, temporalDir, work, chainOf }: Services, photos: number) {
  const along = watchAlong(marks.map(Number));
  const stop = await work(
    syntheticFolder(photos),
    noSteps(() => along.onEnd()),
  );
  const before = await sizeOf(temporalDir);
  const args: [BackfillInput] = [{ library: library.name }];
  const workflowId = backfillWorkflowId(library.name);
  along.begin();
  const handle = await client.workflow.start(workflowTypes.backfill, { workflowId, taskQueue: queues.workflows, args });
  await handle.result();
  while (along.done() < photos) await new Promise((resolve) => setTimeout(resolve, 50));
  along.end();
  const raw = Buffer.from('1995/0/IMG_00000000.jpg');
  const one = await client.workflow.getHandle(assetWorkflowId(library.name, raw, sha256)).describe();
  const chain = await chainOf(workflowId);
  const bytes = ((await sizeOf(temporalDir)) - before) / photos;
  await stop();
  return {
    ...along.figures(),
    eventsPerAsset: one.historyLength + chain.reduce((sum, events) => sum + events, 0) / photos,
    bytesPerAsset: bytes,
    largestHistoryEvents: Math.max(...chain),
  };
}

const services = await startServices();
try {
  process.stdout.write(`${JSON.stringify(await run(services, Number(count)))}\n`);
} finally {
  await services.stop();
}
