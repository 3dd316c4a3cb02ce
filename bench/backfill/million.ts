import { queues } from '../../domain/queues.ts';
import { type BackfillInput, backfillWorkflowId, workflowTypes } from '../../workflows/messages.ts';
import { usageOf } from '../processes.ts';
import { type Services, startServices } from './services.ts';
import { noSteps, pathSql, recipeHash, syntheticFolder } from './synthetic-library.ts';

/** A program: a pass through a library of so many rows that are all done; prints JSON. */
const [count = '1000000'] = process.argv.slice(2);

async function run({ client, database, library, work, pagesAsked, chainOf }: Services, photos: number) {
  await database.run(
    (sql) => sql`
      insert into darkroom.asset (library_id, raw_path, path, state, size, mtime_ms, ctime_ms, inode, ended_recipe)
      select ${library.id}::bigint, convert_to(p.path, 'UTF8'), p.path, 'done', 10, 1700000000000, 1700000000000, '1',
        ${recipeHash}
      from generate_series(0, ${photos}::integer - 1) as at, lateral (select ${sql.unsafe(pathSql)} as path) p`,
  );
  await database.run((sql) => sql`analyze darkroom.asset`);
  let started = 0;
  const stop = await work(
    syntheticFolder(photos),
    noSteps(() => (started += 1)),
  );
  let peak = 0;
  const sampling = setInterval(() => (peak = Math.max(peak, usageOf([process.pid]).pssMb)), 250);
  const args: [BackfillInput] = [{ library: library.name }];
  const workflowId = backfillWorkflowId(library.name);
  const began = performance.now();
  const handle = await client.workflow.start(workflowTypes.backfill, { workflowId, taskQueue: queues.workflows, args });
  const { seen, skipped } = await handle.result();
  const seconds = (performance.now() - began) / 1_000;
  clearInterval(sampling);
  if (seen !== photos || skipped !== photos || started > 0) {
    throw new Error(`Not all were passed over: ${JSON.stringify({ seen, skipped, started })}`);
  }
  const largestHistoryEvents = Math.max(...(await chainOf(workflowId)));
  await stop();
  return { seconds, mb: peak, calls: pagesAsked(), largestHistoryEvents };
}

const services = await startServices();
try {
  process.stdout.write(`${JSON.stringify(await run(services, Number(count)))}\n`);
} finally {
  await services.stop();
}
