import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { migrate } from '../adapters/postgres/migrate.ts';
import { TransientError } from '../domain/errors.ts';
import { spanMs } from '../domain/pause.ts';
import type { VisionHost } from '../domain/vision-host.ts';
import type { Settings } from '../runtime/config.ts';
import { yieldDecoding } from '../runtime/background-threads.ts';
import { type DatabaseTarget, describeTarget, postgresOptions } from '../runtime/database/target.ts';
import type { Logger } from '../runtime/log.ts';
import { pause } from '../runtime/when-aborted.ts';
import { workflowBundle } from './bundle.ts';
import { scheduleCluster } from './cluster-schedule.ts';
import { compose, type Composed } from './compose.ts';
import { connectTemporal } from './connect-temporal.ts';
import { type KeptWatch, keepPauses } from './engine-windows.ts';
import { scheduleReconcile } from './reconcile-schedule.ts';
import { scheduleVerify } from './verify-schedule.ts';
import { createVisionSlots } from './vision-slots.ts';
import { createWorkers } from './workers.ts';

export interface StartWorkers {
  readonly settings: Settings;
  /** The vision hosts at the start; `composed.updateHosts` changes them. */
  readonly hosts: readonly VisionHost[];
  readonly env: NodeJS.ProcessEnv;
  readonly database: DatabaseTarget;
  /** Of the embedded server; absent where the person's own is to be found in Temporal's environment. */
  readonly temporal: { readonly address: string; readonly namespace: string } | undefined;
  readonly dataDir: string;
  readonly log: Logger;
  /** Aborted when everything is to stop, also while something is still waited for. */
  readonly signal: AbortSignal;
}

export interface StartedWorkers {
  readonly composed: Composed;
  readonly client: Client;
  readonly pauses: KeptWatch;
  /** Ends when the workers have ended; rejects when one of them failed. */
  readonly running: Promise<unknown>;
  /** Takes no new work, gives calls in flight 8 s, and closes everything. */
  stop(): Promise<void>;
}

/** Database and Temporal are waited for, then one worker per task queue runs. */
export async function startWorkers(input: StartWorkers): Promise<StartedWorkers> {
  const { settings, hosts, env, database, dataDir, log, signal } = input;
  await yieldDecoding();
  const [, bundlePath, temporal] = await Promise.all([
    migrated(database, log, signal),
    workflowBundle(path.join(dataDir, 'bundles'), signal),
    connectTemporal({
      env,
      embedded: input.temporal,
      retentionMs: spanMs(settings.DARKROOM_RETENTION),
      log,
      signal,
    }),
  ]);
  const { client, connection, namespace } = temporal;
  const composed = await compose({ settings, hosts, dataDir, target: database, client, log });
  const { services } = composed.faces;
  const workers = await createWorkers({
    connection,
    namespace,
    bundlePath,
    activities: composed.activities,
    visionSlots: { supplier: createVisionSlots(composed.pool), count: pollersFor(settings, hosts) },
    faceSlots: services && { supplier: createVisionSlots(services.pool), count: services.slotCount },
  });
  const running = Promise.all(workers.map((worker) => worker.run()));
  const ending = new AbortController();
  const scheduled = scheduleReconcile({
    client,
    everyMin: settings.DARKROOM_RECONCILE_MIN,
    log,
    signal: AbortSignal.any([signal, ending.signal]),
  });
  const verified = scheduleVerify({
    client,
    everyMin: composed.immichs.wanted ? settings.IMMICH_VERIFY_MIN : 0,
    log,
    signal: AbortSignal.any([signal, ending.signal]),
  });
  const clustered = scheduleCluster({
    client,
    everyMin: services === undefined ? 0 : settings.FACE_CLUSTER_MIN,
    model: settings.FACE_MODEL,
    log,
    signal: AbortSignal.any([signal, ending.signal]),
  });
  const pauses = keepPauses(client, composed.pauses, { log, signal: AbortSignal.any([signal, ending.signal]) });
  return {
    composed,
    client,
    pauses,
    running,
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      ending.abort();
      await Promise.all([running, scheduled, verified, clustered, pauses.ended]);
      await composed.close();
      await connection.close();
    },
  };
}

/** A poller without a slot costs nothing, and a hosts file that is read again may bring slots. */
const pollersForMore = 256;

function pollersFor({ VISION_HOSTS_FILE }: Settings, hosts: readonly VisionHost[]): number {
  const slots = hosts.reduce((sum, host) => sum + host.slots, 0);
  return VISION_HOSTS_FILE === undefined ? slots : Math.max(slots, pollersForMore);
}

/** Brings the database up to date; one that does not answer is waited for, and said once. */
async function migrated(database: DatabaseTarget, log: Logger, signal: AbortSignal): Promise<void> {
  const folder = fileURLToPath(new URL('../migrations', import.meta.url));
  for (let said = false; ; said = true) {
    try {
      const applied = await migrate(postgresOptions(database, { max: 1 }), folder, { signal });
      if (applied.length > 0) log.info({ applied }, 'The database was brought up to date');
      return;
    } catch (error) {
      if (!(error instanceof TransientError) || signal.aborted) throw error;
      if (!said) log.warn({ error: error.message, database: describeTarget(database) }, 'Waiting for the database');
      await pause(1_000, signal);
    }
  }
}
