import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime, DefaultLogger } from '@temporalio/worker';
import type { Activities } from '../../domain/contract.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import { createWorkers } from '../../workers/workers.ts';
import { sharedTemporal } from './temporal.ts';

export interface WorkflowWorker {
  readonly client: Client;
  /** Before the test's end, where it starts another one: two would share the queues. */
  readonly stop: () => Promise<void>;
}

let bundle: Promise<string> | undefined;
let quiet = false;

/** Path of the workflows' bundle as they are, made once per test process. */
export const currentBundle = (): Promise<string> =>
  (bundle ??= mkdtemp(path.join(tmpdir(), 'darkroom-bundle-')).then(workflowBundle));

/**
 * The four workers on a real server, over activities that the test gives; what it does not give fails loudly. `bundlePath`
 * stands for the workflows of another version.
 */
export async function startWorkflowWorker(
  t: Pick<TestContext, 'after'>,
  activities: Partial<Activities>,
  bundlePath?: string,
): Promise<WorkflowWorker> {
  if (!quiet)
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
    });
  quiet = true;
  const { address, namespace } = await sharedTemporal();
  const connection = await NativeConnection.connect({ address });
  const missing = (name: string) => () => Promise.reject(new Error(`the test gives no ${name}`));
  const workers = await createWorkers({
    connection,
    namespace,
    bundlePath: bundlePath ?? (await currentBundle()),
    activities: {
      checkSettled: missing('checkSettled'),
      claimDescription: missing('claimDescription'),
      finishRun: missing('finishRun'),
      markWaiting: missing('markWaiting'),
      fingerprint: missing('fingerprint'),
      findFaces: missing('findFaces'),
      publish: missing('publish'),
      describePhoto: missing('describePhoto'),
      startPage: missing('startPage'),
      keepBackfill: async () => undefined,
      startMissing: missing('startMissing'),
      passLibraries: async () => ({ passes: [] }),
      keepReconciled: async () => undefined,
      keepWindows: async () => ({ closed: [], opened: [] }),
      verifyPage: missing('verifyPage'),
      keepVerified: async () => undefined,
      undoPage: missing('undoPage'),
      clusterFaces: missing('clusterFaces'),
      countUndoable: async () => ({ count: 0 }),
      ...activities,
    },
    visionSlots: { supplier: { type: 'fixed-size', numSlots: 2 }, count: 2 },
  });
  const running = Promise.all(workers.map((worker) => worker.run()));
  let stopped: Promise<void> | undefined;
  const stop = () =>
    (stopped ??= (async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
    })());
  t.after(stop);
  return { client: new Client({ connection, namespace }), stop };
}
