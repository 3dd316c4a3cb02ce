import path from 'node:path';
import type { Client } from '@temporalio/client';
import { createActivities, createFolders } from '../activities/index.ts';
import type { ImmichDeps } from '../activities/immich-deps.ts';
import { createFolder } from '../adapters/folder/folder.ts';
import { createIgnored } from '../adapters/folder/ignore.ts';
import { createDrawing } from '../adapters/picture/drawing.ts';
import { createPictureReader } from '../adapters/picture/reader.ts';
import { createRenditionCache } from '../adapters/picture/rendition-cache.ts';
import { createAssetStore } from '../adapters/postgres/asset-store.ts';
import { createBackfillStore } from '../adapters/postgres/backfill-store.ts';
import { connect, type Database } from '../adapters/postgres/connection.ts';
import { createDescriptionStore } from '../adapters/postgres/description-store.ts';
import { createImmichStore } from '../adapters/postgres/immich-store.ts';
import { createPublicationStore } from '../adapters/postgres/publication-store.ts';
import { createUndoStore } from '../adapters/postgres/undo-store.ts';
import { createVerificationStore } from '../adapters/postgres/verification-store.ts';
import { createHostLeases } from '../adapters/postgres/host-leases.ts';
import { createHostMemory } from '../adapters/postgres/host-memory.ts';
import { createControlFacts } from '../adapters/postgres/control-facts.ts';
import { createControlLock } from '../adapters/postgres/control-lock.ts';
import { createKeptPauses } from '../adapters/postgres/kept-pauses.ts';
import { createMissingStore } from '../adapters/postgres/missing-store.ts';
import { createPlannedPauseStore } from '../adapters/postgres/planned-pauses.ts';
import { createWindowStore } from '../adapters/postgres/windows.ts';
import { createVisionHosts } from '../adapters/vision-hosts.ts';
import { createCanary } from '../adapters/vision-pool/canary.ts';
import { createVisionPool, type VisionPool } from '../adapters/vision-pool/pool.ts';
import type { Activities } from '../domain/contract.ts';
import type { KeptPauses } from '../domain/kept-pause.ts';
import type { ImmichStore } from '../domain/immich-store.ts';
import { pauseLockKey } from '../domain/pause.ts';
import type { AssetStore } from '../domain/ports.ts';
import { queues } from '../domain/queues.ts';
import type { VisionHost } from '../domain/vision-host.ts';
import type { WantedRecipes } from '../domain/wanted-recipes.ts';
import type { WindowStore } from '../domain/window.ts';
import type { Settings } from '../runtime/config.ts';
import { type DatabaseTarget, postgresOptions } from '../runtime/database/target.ts';
import { createRoomGuard } from '../runtime/disk-room.ts';
import type { Logger } from '../runtime/log.ts';
import { createPlannedPauses, type PlannedPauses } from '../runtime/temporal/planned-pauses.ts';
import { createQueueLimits } from '../runtime/temporal/queue-limits.ts';
import { createQueuePauses, type QueuePauses } from '../runtime/temporal/queue-pauses.ts';
import { roleModelsOf } from '../runtime/vision-hosts.ts';
import { createFaces, type Faces } from './face-steps.ts';
import { createHoldsBack } from './holds-back.ts';
import { createImmichs, type Immichs } from './immichs.ts';
import { immichDeps } from './immich-steps.ts';
import { createOpenAmong } from './open-runs.ts';
import { createGoOnWith, createIsPassing, createStartPass } from './passes.ts';
import { createRuns } from './runs.ts';
import { createWantedRecipes } from './wanted-recipes.ts';

export interface Composed {
  readonly activities: Activities;
  readonly assets: AssetStore;
  readonly database: Database;
  readonly pool: VisionPool;
  readonly wanted: WantedRecipes;
  readonly faces: Faces;
  readonly immichs: Immichs;
  readonly immichStore: ImmichStore;
  /** What the steps know of Immich libraries. */
  readonly immichSteps: ImmichDeps;
  readonly pauses: {
    readonly queues: QueuePauses;
    readonly kept: KeptPauses;
    readonly planned: PlannedPauses;
    readonly windows: WindowStore;
  };
  /** In words, why nothing of this library is started now; undefined where nothing holds it back. */
  readonly holdsBack: (library: string) => Promise<string | undefined>;
  /** These are the vision hosts from now on; calls under way to others end as they would have. */
  updateHosts(hosts: readonly VisionHost[]): void;
  /** Ends probes, connections and helper processes. After the workers. */
  close(): Promise<void>;
}

export interface ComposeOptions {
  readonly settings: Settings;
  /** The vision hosts at the start. */
  readonly hosts: readonly VisionHost[];
  readonly dataDir: string;
  readonly target: DatabaseTarget;
  readonly client: Client;
  readonly log: Logger;
}

/** 40 connections is all that the embedded server gives; the steps of 64 open runs share these. */
const databaseConnections = 8;

/** Every port with its real adapter, and the steps over them. */
export async function compose({ settings, hosts, dataDir, target, client, log }: ComposeOptions): Promise<Composed> {
  const database = connect(postgresOptions(target, { max: databaseConnections }), { max: databaseConnections });
  const assets = createAssetStore({ database });
  const descriptions = createDescriptionStore({ database });
  const vision = createVisionHosts(hosts);
  const hostLog = log.child({ source: 'hosts' });
  // The embedded database has one worker, this one: nobody to share hosts with.
  const leases = target.kind === 'url' ? createHostLeases({ database, log: hostLog }) : undefined;
  const kept = createKeptPauses({ database });
  const windows = createWindowStore({ database });
  const exclusively = createControlLock({ database, key: pauseLockKey });
  const queuePauses = createQueuePauses({ client, exclusively, windows });
  const limits = createQueueLimits(client, 5_000);
  const planned = createPlannedPauses({ client, exclusively, plans: createPlannedPauseStore({ database }) });
  const shortOfRoom = createRoomGuard({ dataDir, minFreeMb: settings.DARKROOM_MIN_FREE_MB });
  const immichStore = createImmichStore({ database });
  const immichs = await createImmichs({ settings, store: immichStore, facts: createControlFacts({ database }), log });
  const wanted = createWantedRecipes(settings, immichs);
  const { recipe } = wanted.usual;
  const holdsBack = createHoldsBack({ kept, immichStore, shortOfRoom });
  const pool = createVisionPool({
    hosts,
    roleModels: roleModelsOf(settings),
    vision,
    canary: createCanary({ vision, recipe, picture: createDrawing(recipe.longSide) }),
    ...(settings.VISION_PRELOAD === 'on' && {
      preload: (host: string, model: string, signal: AbortSignal) => vision.load(host, model, recipe.numCtx, signal),
    }),
    leases,
    memory: createHostMemory({ database }),
    pauses: kept,
    log: hostLog,
  });
  const memory = createHostMemory({ database });
  const faces = createFaces({
    settings,
    database,
    address: postgresOptions(target, { max: 1 }),
    leases,
    memory,
    pauses: kept,
    log,
  });
  const pictures = createPictureReader({
    maxPixels: settings.DARKROOM_MAX_MEGAPIXELS * 1_000_000,
    log: (message) => log.warn({ source: 'pictures' }, message),
  });
  const renditions = createRenditionCache({
    dir: path.join(dataDir, 'renditions'),
    maxBytes: settings.DARKROOM_CACHE_MB * 1_048_576,
    log: (message) => log.warn({ source: 'renditions' }, message),
  });
  const folders = createFolders(assets, (root) => createFolder({ root, ignored: ignoredIn(root, settings, dataDir) }));
  const runs = createRuns(client);
  const immichSteps = immichDeps({
    settings,
    recipe,
    immichs,
    store: immichStore,
    publications: createPublicationStore({ database }),
  });
  const activities = createActivities({
    folders,
    assets,
    descriptions,
    pictures,
    renditions,
    pool,
    vision,
    runs,
    backfills: createBackfillStore({ database }),
    missing: createMissingStore({ database }),
    openAmong: createOpenAmong(client),
    isPassing: createIsPassing(client),
    startPass: createStartPass(client),
    goOnWith: createGoOnWith(client),
    passesAreWanted: settings.DARKROOM_MODE !== 'monitor',
    pauses: kept,
    holdsBack,
    // Without a face service nothing goes on while no model is called, and a picture made now may be gone when one is.
    ...(settings.FACE_API_URL.length > 0 && { countHeld: () => limits.held(queues.vision) }),
    keepWindows: (now) => queuePauses.keepWindows(now),
    wanted,
    immich: immichSteps,
    faces: faces.steps,
    clustering: faces.clustering,
    verifications: createVerificationStore({ database }),
    publishIsPaused: async () => (await queuePauses.look()).some(({ queue }) => queue === queues.publish),
    undos: createUndoStore({ database }),
    keepOutdated: settings.DARKROOM_OUTDATED === 'keep',
    longSide: recipe.longSide,
    now: Date.now,
  });
  return {
    activities,
    assets,
    database,
    pool,
    wanted,
    faces,
    immichs,
    immichStore,
    immichSteps,
    pauses: { queues: queuePauses, kept, planned, windows },
    holdsBack,
    updateHosts(next) {
      vision.update(next);
      pool.update(next);
    },
    async close() {
      pool.close();
      await faces.close();
      await leases?.close();
      await Promise.all([vision.close(), pictures.close(), immichs.close(), database.close()]);
    },
  };
}

const ignoredIn = (root: string, settings: Settings, dataDir: string) =>
  createIgnored({ root, dataDir, globs: settings.DARKROOM_IGNORE });
