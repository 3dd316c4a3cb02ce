import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { assetWorkflowId } from '../../domain/paths.ts';
import { queues } from '../../domain/queues.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { type BackfillInput, backfillWorkflowId, workflowTypes } from '../../workflows/messages.ts';
import { treeOf, usageOf } from '../processes.ts';
import { type Services, startServices } from './services.ts';
import { noSteps, syntheticFolder } from './synthetic-library.ts';

/** A program: one library of so many photos from the first to the last, with steps of 0 ms; prints JSON. */
const [count = '20000', ...marks] = process.argv.slice(2);

/** The rate at a mark is that of this many photos before it. */
const stretch = 1_000;

/** Of this process and all below it: Temporal and Postgres. */
const cpuNow = (): number => usageOf(treeOf(process.pid)).cpuMs;

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Events of each run of a chain, by its first run's id; the server lists what is closed too. */
async function chainOf(client: Client, workflowId: string): Promise<number[]> {
  const events: number[] = [];
  for await (const { historyLength } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
    events.push(historyLength);
  return events;
}

async function run({ client, library, temporalDir, work }: Services, photos: number) {
  const doneAt: number[] = [];
  const peakMb = new Map<number, number>();
  const cpuMs = new Map<number, number>();
  let peak = 0;
  const onEnd = () => {
    doneAt.push(performance.now());
    const isMark = marks.includes(String(doneAt.length));
    if (isMark) peakMb.set(doneAt.length, peak);
    if (isMark || marks.includes(String(doneAt.length + stretch))) cpuMs.set(doneAt.length, cpuNow());
  };
  const sampling = setInterval(() => (peak = Math.max(peak, usageOf([process.pid]).pssMb)), 250);
  const stop = await work(syntheticFolder(photos), noSteps(onEnd));
  const before = await sizeOf(temporalDir);
  const args: [BackfillInput] = [{ library: library.name }];
  const workflowId = backfillWorkflowId(library.name);
  cpuMs.set(0, cpuNow());
  const began = performance.now();
  const handle = await client.workflow.start(workflowTypes.backfill, { workflowId, taskQueue: queues.workflows, args });
  await handle.result();
  while (doneAt.length < photos) await new Promise((resolve) => setTimeout(resolve, 50));
  clearInterval(sampling);
  const rateAt = (mark: number): number => {
    const from = mark <= stretch ? began : (doneAt[mark - stretch - 1] ?? began);
    return (Math.min(mark, stretch) / ((doneAt[mark - 1] ?? Number.NaN) - from)) * 1_000;
  };
  const cpuAt = (mark: number): number =>
    ((cpuMs.get(mark) ?? Number.NaN) - (cpuMs.get(Math.max(0, mark - stretch)) ?? Number.NaN)) /
    Math.min(mark, stretch);
  const raw = Buffer.from('1995/0/IMG_00000000.jpg');
  const one = await client.workflow.getHandle(assetWorkflowId(library.name, raw, sha256)).describe();
  const chain = await chainOf(client, workflowId);
  const perPhoto = one.historyLength + chain.reduce((sum, events) => sum + events, 0) / photos;
  const bytes = ((await sizeOf(temporalDir)) - before) / photos;
  await stop();
  return {
    seconds: ((doneAt.at(-1) ?? began) - began) / 1_000,
    assetsPerSecond: Object.fromEntries(marks.map((mark) => [mark, rateAt(Number(mark))])),
    cpuMsPerAsset: Object.fromEntries(marks.map((mark) => [mark, cpuAt(Number(mark))])),
    peakMb: Object.fromEntries(peakMb),
    eventsPerAsset: perPhoto,
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
