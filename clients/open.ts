import { homedir } from 'node:os';
import { Client, Connection } from '@temporalio/client';
import { openFolder } from '../adapters/folder/open-folder.ts';
import { createAssetStore } from '../adapters/postgres/asset-store.ts';
import { createBackfillStore } from '../adapters/postgres/backfill-store.ts';
import { connect } from '../adapters/postgres/connection.ts';
import { type ControlFacts, createControlFacts } from '../adapters/postgres/control-facts.ts';
import { createControlLock } from '../adapters/postgres/control-lock.ts';
import { createDescriptionStore } from '../adapters/postgres/description-store.ts';
import { createFaceAssignments } from '../adapters/postgres/face-assignments.ts';
import { createFaceStore } from '../adapters/postgres/face-store.ts';
import { createHostMemory } from '../adapters/postgres/host-memory.ts';
import { createKeptPauses } from '../adapters/postgres/kept-pauses.ts';
import { createFailureQueries } from '../adapters/postgres/failures.ts';
import { createMergeStore } from '../adapters/postgres/person-merge.ts';
import { createPersonStore } from '../adapters/postgres/person-store.ts';
import { createSelectionQueries } from '../adapters/postgres/selections.ts';
import { createPublishedQueries } from '../adapters/postgres/published-queries.ts';
import { createPlannedPauseStore } from '../adapters/postgres/planned-pauses.ts';
import { createPhotoSearch } from '../adapters/postgres/search.ts';
import { createStatusQueries } from '../adapters/postgres/status-queries.ts';
import { createUndoStore } from '../adapters/postgres/undo-store.ts';
import { createVerificationStore } from '../adapters/postgres/verification-store.ts';
import { createWindowStore } from '../adapters/postgres/windows.ts';
import { TransientError } from '../domain/errors.ts';
import { pauseLockKey } from '../domain/pause.ts';
import type { FailureQueries } from '../domain/failures.ts';
import type { BackfillStore } from '../domain/backfill-store.ts';
import type { KeptPauses } from '../domain/kept-pause.ts';
import type { RestLifting } from '../domain/host-ports.ts';
import type { AssetStore, DescriptionStore, Folder } from '../domain/ports.ts';
import type { SelectionQueries } from '../domain/prioritize.ts';
import type { PhotoSearch } from '../domain/search.ts';
import type { StatusQueries } from '../domain/status.ts';
import type { PublishedQueries } from '../domain/published.ts';
import type { UndoStore } from '../domain/undo-store.ts';
import type { VerificationStore } from '../domain/verification-store.ts';
import type { WindowStore } from '../domain/window.ts';
import { loadSettings, type Settings } from '../runtime/config.ts';
import { defaultDataFolder } from '../runtime/data-folder.ts';
import { lackOfRoom } from '../runtime/disk-room.ts';
import { postgresOptions } from '../runtime/database/target.ts';
import { readRunFile, type Run } from '../runtime/run-file.ts';
import { sha256 } from '../runtime/sha256.ts';
import { connectOptions } from '../runtime/temporal/connect.ts';
import { createPlannedPauses, type PlannedPauses } from '../runtime/temporal/planned-pauses.ts';
import { createQueuePauses, type QueuePauses } from '../runtime/temporal/queue-pauses.ts';
import { type Backfills, createBackfills } from './backfills.ts';
import { type ImmichAccess, openImmich } from './immich/open.ts';
import type { PeopleAccess } from './people.ts';
import { createPhotos, type Photos } from './photos.ts';
import { type Clusterings, createClusterings } from './clusterings.ts';
import { createReconciles, type Reconciles } from './reconciles.ts';
import { createUndos, type Undos } from './undos.ts';
import { lookForStuck, type StuckRuns } from './stuck-runs.ts';
import { createWindowSchedules, type WindowSchedules } from './window-schedules.ts';

/** Everything a command needs of a running `darkroom up`. */
export interface Opened {
  readonly settings: Settings;
  readonly dataDir: string;
  readonly run: Run;
  readonly queries: StatusQueries;
  readonly search: PhotoSearch;
  readonly failures: FailureQueries;
  readonly selections: SelectionQueries;
  readonly assets: AssetStore;
  readonly immich: ImmichAccess;
  readonly people: PeopleAccess;
  readonly recipes: Pick<DescriptionStore, 'recipe'>;
  readonly facts: ControlFacts;
  readonly photos: Photos;
  readonly backfills: Backfills;
  readonly backfillStore: BackfillStore;
  readonly reconciles: Reconciles;
  readonly clusterings: Clusterings;
  readonly undos: Undos;
  readonly undoable: Pick<UndoStore, 'count' | 'askAgain'>;
  readonly lost: Pick<VerificationStore, 'tryAgain'>;
  readonly published: PublishedQueries;
  /** Runs that cannot go on. */
  stuckRuns(): Promise<StuckRuns>;
  readonly pauses: QueuePauses;
  readonly kept: KeptPauses;
  readonly planned: PlannedPauses;
  readonly rests: RestLifting;
  readonly windows: WindowStore;
  readonly schedules: WindowSchedules;
  /** The photos of a library, without what these patterns leave out. Throws ConfigError, TransientError where it is away. */
  openFolder(root: string, globs: readonly string[]): Promise<Pick<Folder, 'page'>>;
  /** The page of one run in the Web UI; undefined for a server that is not ours. */
  pageOf(workflowId: string): string | undefined;
  /** In words, where the disk of the data folder is full, or short of room. */
  lackOfRoom(): Promise<string | undefined>;
  close(): Promise<void>;
}

export function placeOf(env: NodeJS.ProcessEnv, dataDir: string | undefined): { settings: Settings; dataDir: string } {
  const settings = loadSettings({ ...env, ...(dataDir !== undefined && { DARKROOM_DATA_DIR: dataDir }) });
  const usual = () => defaultDataFolder({ platform: process.platform, home: homedir(), uid: process.getuid?.(), env });
  return { settings, dataDir: settings.DARKROOM_DATA_DIR ?? usual() };
}

export const notRunning = (dataDir: string): TransientError =>
  new TransientError(
    'DatabaseUnavailable',
    `Darkroom does not run on ${dataDir}. Start it with "darkroom up", or set DARKROOM_DATA_DIR to the folder it runs on.`,
  );

/** Throws TransientError where nothing runs on this data folder. */
export async function openRunning(env: NodeJS.ProcessEnv, asked: string | undefined): Promise<Opened> {
  const { settings, dataDir } = placeOf(env, asked);
  const found = await readRunFile(dataDir);
  if (found.state !== 'running') throw notRunning(dataDir);
  const { run } = found;
  const database = connect(postgresOptions(run.database, { max: 2 }), { max: 2, limitMs: 20_000 });
  const { address, namespace, uiUrl } = run.temporal;
  const external = uiUrl === undefined;
  const { connectionOptions } = await connectOptions({ env, ...(!external && { embedded: { address, namespace } }) });
  const connection = Connection.lazy({ ...connectionOptions, connectTimeout: '5 seconds' });
  const client = new Client({ connection, namespace });
  const exclusively = createControlLock({ database, key: pauseLockKey });
  const immich = openImmich({ database, settings });
  return {
    settings,
    dataDir,
    run,
    queries: createStatusQueries({ database }),
    search: createPhotoSearch({ database }),
    failures: createFailureQueries({ database }),
    selections: createSelectionQueries({ database }),
    assets: createAssetStore({ database }),
    immich,
    people: {
      persons: createPersonStore({ database }),
      merges: createMergeStore({ database }),
      faces: createFaceStore({ database }),
      assignments: createFaceAssignments({ database }),
    },
    recipes: createDescriptionStore({ database }),
    facts: createControlFacts({ database }),
    photos: createPhotos({ client, sha256 }),
    backfills: createBackfills({ client }),
    backfillStore: createBackfillStore({ database }),
    reconciles: createReconciles({ client }),
    clusterings: createClusterings({ client }),
    undos: createUndos({ client }),
    undoable: createUndoStore({ database }),
    lost: createVerificationStore({ database }),
    published: createPublishedQueries({ database }),
    stuckRuns: () => lookForStuck(client),
    pauses: createQueuePauses({ client, exclusively, windows: createWindowStore({ database }) }),
    planned: createPlannedPauses({ client, exclusively, plans: createPlannedPauseStore({ database }) }),
    kept: createKeptPauses({ database }),
    rests: createHostMemory({ database }),
    windows: createWindowStore({ database }),
    schedules: createWindowSchedules(client),
    openFolder: async (root, globs) => (await openFolder(root, { dataDir, globs })).folder,
    pageOf: (workflowId) =>
      uiUrl === undefined ? undefined : `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`,
    lackOfRoom: async () => (await lackOfRoom({ dataDir, minFreeMb: settings.DARKROOM_MIN_FREE_MB }))?.message,
    close: async () => void (await Promise.all([immich.close(), database.close(), connection.close()])),
  };
}
