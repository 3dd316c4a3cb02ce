import { cpus } from 'node:os';
import {
  type ActivitySlotInfo,
  type SlotSupplier,
  type NativeConnection,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import type { Activities } from '../domain/contract.ts';
import { queues } from '../domain/queues.ts';
import { failureMapping } from './failures.ts';

export interface WorkersOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** File with the bundled workflows. */
  readonly bundlePath: string;
  readonly activities: Activities;
  readonly visionSlots: PooledSlots;
  /** Absent: no face service is set up. */
  readonly faceSlots?: PooledSlots | undefined;
}

interface PooledSlots {
  readonly supplier: SlotSupplier<ActivitySlotInfo>;
  /** Slots of all hosts together: there must be a poller for each. */
  readonly count: number;
}

/** Calls in flight get this long at a stop, then they are cancelled and named. */
const graceMs = 8_000;

/** One worker per task queue (architecture 3); only one of them runs workflows. They share one connection. */
export async function createWorkers(options: WorkersOptions): Promise<readonly Worker[]> {
  const { activities } = options;
  const { checkSettled, claimDescription, finishRun, markWaiting, keepBackfill } = activities;
  const { fingerprint, findFaces, describePhoto, publish } = activities;
  const { startPage, startMissing, passLibraries, keepReconciled, keepWindows } = activities;
  const { verifyPage, keepVerified, undoPage, countUndoable, clusterFaces } = activities;
  const looked = { verifyPage, keepVerified, undoPage, countUndoable, clusterFaces };
  const own = { checkSettled, claimDescription, finishRun, markWaiting, keepBackfill };
  const shared = {
    connection: options.connection,
    namespace: options.namespace,
    shutdownGraceTime: graceMs,
    shutdownForceTime: graceMs + 1_500,
    interceptors: { activity: [failureMapping] },
  } satisfies Partial<WorkerOptions>;

  return await Promise.all([
    Worker.create({
      ...shared,
      taskQueue: queues.workflows,
      workflowBundle: { codePath: options.bundlePath },
      activities: own,
      enableNonLocalActivities: false,
      // 64 runs are open at once; more cached ones cost memory (330 to 520 MB at 1,000) and buy nothing.
      maxCachedWorkflows: 200,
      maxConcurrentLocalActivityExecutions: 16,
    }),
    Worker.create({
      ...shared,
      taskQueue: queues.control,
      activities: { startPage, startMissing, passLibraries, keepReconciled, keepWindows, ...looked },
      // A page that waits for room may wait for hours. Told to end, it says how far it came: nothing is to be waited for.
      shutdownGraceTime: 0,
      maxConcurrentActivityTaskExecutions: 50,
    }),
    Worker.create({
      ...shared,
      taskQueue: queues.library,
      activities: { fingerprint, ...own },
      maxConcurrentActivityTaskExecutions: Math.max(2, cpus().length),
    }),
    Worker.create({
      ...shared,
      taskQueue: queues.publish,
      activities: { publish },
      // Each write costs Immich one run of exiftool and one extraction, five of which it does at once.
      maxConcurrentActivityTaskExecutions: 5,
    }),
    Worker.create({
      ...shared,
      taskQueue: queues.faces,
      activities: { findFaces },
      ...pooled(options.faceSlots ?? withoutService),
    }),
    Worker.create({
      ...shared,
      taskQueue: queues.vision,
      activities: { describePhoto },
      ...pooled(options.visionSlots),
    }),
  ]);
}

/** What waited for a face service that is set up no more goes on without. */
const withoutService: PooledSlots = { supplier: { type: 'fixed-size', numSlots: 4 }, count: 4 };

const pooled = ({ supplier, count }: PooledSlots): Partial<WorkerOptions> => ({
  activityTaskPollerBehavior: { type: 'simple-maximum', maximum: count + 1 },
  tuner: {
    activityTaskSlotSupplier: supplier,
    workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: 2 },
    localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
    nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
  },
});
