import type { Client } from '@temporalio/client';
import { countPhotos } from '../adapters/folder/count-photos.ts';
import { createIgnored } from '../adapters/folder/ignore.ts';
import { createNotifier } from '../adapters/notify.ts';
import type { Database } from '../adapters/postgres/connection.ts';
import { createControlFacts } from '../adapters/postgres/control-facts.ts';
import { createEndedPhotos } from '../adapters/postgres/ended-photos.ts';
import { createSpeedQueries } from '../adapters/postgres/speed-queries.ts';
import type { VisionPool } from '../adapters/vision-pool/pool.ts';
import type { Settings } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { workflowTypes } from '../workflows/messages.ts';
import { createCensus } from './engine-census.ts';
import { createEtas } from './engine-eta.ts';
import { createFinishWatch } from './engine-finish.ts';
import type { FromEngine } from './engine-messages.ts';
import type { ProgressDeps } from './engine-progress.ts';

export interface PartsDeps {
  readonly database: Database;
  readonly client: Client;
  readonly pool: Pick<VisionPool, 'status'>;
  readonly settings: Settings;
  readonly dataDir: string;
  readonly tell: (message: FromEngine) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Photos that come one by one are told of together; a batch ends as soon as it is done. */
const quietMs = { batch: 1_500, combined: 10_000, monitor: 10_000 };

/** What telling about progress needs besides counts: folders counted, how long it takes, and the notice at the end. */
export function progressParts(
  deps: PartsDeps,
): Pick<ProgressDeps, 'facts' | 'census' | 'etas' | 'finish' | 'openBackfills'> {
  const { database, client, pool, settings, dataDir, tell, log, signal } = deps;
  const facts = createControlFacts({ database });
  const url = settings.DARKROOM_NOTIFY_URL?.reveal();
  const globs = settings.DARKROOM_IGNORE;
  return {
    facts,
    census: createCensus({
      count: ({ root }) => countPhotos({ root, ignored: createIgnored({ root, dataDir, globs }), signal }),
      log,
      now: Date.now,
    }),
    etas: createEtas({ speeds: createSpeedQueries({ database }), pool, now: Date.now }),
    finish: createFinishWatch({
      facts,
      endedSince: createEndedPhotos({ database }),
      notifier: url === undefined ? undefined : createNotifier({ url, format: settings.DARKROOM_NOTIFY_FORMAT }),
      say: (text) => tell({ kind: 'notice', text }),
      log,
      signal,
      now: Date.now,
      quietMs: quietMs[settings.DARKROOM_MODE],
    }),
    openBackfills: () => countBackfills(client),
  };
}

/** Passes through libraries, and backfills with a choice of their own. */
async function countBackfills(client: Client, limitMs = 10_000): Promise<number> {
  const query = `WorkflowType = '${workflowTypes.backfill}' AND ExecutionStatus = 'Running'`;
  return (await client.withDeadline(Date.now() + limitMs, () => client.workflow.count(query))).count;
}
