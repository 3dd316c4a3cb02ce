import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { z } from 'zod';
import { createActivities, createFolders } from '../../activities/index.ts';
import { createFolder } from '../../adapters/folder/folder.ts';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { createDrawing } from '../../adapters/picture/drawing.ts';
import { createPictureReader } from '../../adapters/picture/reader.ts';
import { createRenditionCache } from '../../adapters/picture/rendition-cache.ts';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { createKeptPauses } from '../../adapters/postgres/kept-pauses.ts';
import { createBackfillStore } from '../../adapters/postgres/backfill-store.ts';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { createHostMemory } from '../../adapters/postgres/host-memory.ts';
import { createMissingStore } from '../../adapters/postgres/missing-store.ts';
import { createDescriptionStore } from '../../adapters/postgres/description-store.ts';
import { createVisionHosts } from '../../adapters/vision-hosts.ts';
import { createCanary } from '../../adapters/vision-pool/canary.ts';
import { createVisionPool } from '../../adapters/vision-pool/pool.ts';
import type { AssetRef, FileStat } from '../../domain/asset.ts';
import type { Activities } from '../../domain/contract.ts';
import type { AssetStore, DescriptionStore, FoundFile } from '../../domain/ports.ts';
import { canonicalJson, type Recipe } from '../../domain/recipe.ts';
import { onlyWanted } from '../../domain/wanted-recipes.ts';
import { plainHost } from '../../domain/vision-host.ts';
import { loadSettings } from '../../runtime/config.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { createFaces } from '../../workers/face-steps.ts';
import { makePhotos } from './photos.ts';
import { type ScriptedHost, startScriptedHost } from './scripted-host.ts';
import { migratedDatabase } from './stores.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Every step over real files, real Postgres and real HTTP to a scripted host; only Temporal is not there. */
export interface RealSteps {
  readonly activities: Activities;
  readonly assets: AssetStore;
  readonly descriptions: DescriptionStore;
  readonly host: ScriptedHost;
  readonly library: string;
  readonly folder: string;
  /** A photo in the folder, settled and known, with its row. */
  readonly photo: () => Promise<{ asset: AssetRef; stat: FileStat }>;
  /** The same of another one, with these bytes. */
  readonly add: (name: string, jpeg: Buffer) => Promise<{ asset: AssetRef; stat: FileStat }>;
  readonly database: Database;
  /** Every row of every table with the transaction that wrote it: equal before and after means that nothing was written. */
  rows(): Promise<unknown>;
  /** Starts that were asked of Temporal. */
  readonly started: string[];
}

const recipe: Recipe = {
  prompt: 'Describe.',
  language: 'en',
  models: ['scripted-vl'],
  numCtx: 4096,
  numPredict: 200,
  longSide: 256,
};
const wanted = {
  recipe,
  hash: sha256(canonicalJson({ ...recipe })),
  factsHash: (facts: object) => sha256(canonicalJson({ ...facts })),
};

const tables = [
  'library',
  'asset',
  'content',
  'recipe',
  'description',
  'claim',
  'asset_run',
  'failure',
  'control',
  'backfill',
  'backfill_photo',
  'face_detection',
  'face_vector',
  'person',
  'person_merge',
  'description_words',
];

interface Over {
  readonly save?: DescriptionStore['save'];
  /** Settings of faces; without a service none are looked for. */
  readonly faces?: Readonly<Record<string, string>>;
}

export async function realSteps(t: TestContext, { faces: faceEnv = {}, ...over }: Over = {}): Promise<RealSteps> {
  const home = await temporaryFolder(t);
  const folder = path.join(home, 'library');
  await makePhotos(folder, 1);
  const host = await startScriptedHost();
  t.after(() => host.off());
  const { address } = await migratedDatabase();
  const database = connect(address, { max: 4 });
  const assets = createAssetStore({ database });
  const descriptions = { ...createDescriptionStore({ database }), ...over };
  const hosts = [plainHost(host.url, host.model)];
  const vision = createVisionHosts(hosts);
  const log = { info: () => undefined, warn: () => undefined };
  const pool = createVisionPool({
    hosts,
    roleModels: { primary: host.model, fallback: host.model },
    vision,
    canary: createCanary({ vision, recipe, picture: createDrawing(recipe.longSide) }),
    log,
  });
  const faces = createFaces({
    settings: loadSettings(faceEnv),
    database,
    address,
    leases: undefined,
    memory: createHostMemory({ database }),
    pauses: createKeptPauses({ database }),
    log: pino({ enabled: false }),
  });
  const pictures = createPictureReader({ log: () => undefined });
  t.after(async () => {
    pool.close();
    await faces.close();
    await Promise.all([vision.close(), pictures.close(), database.close()]);
  });
  const library = await assets.ensureLibrary({ name: 'pictures', root: folder });
  const started: string[] = [];
  const files = createFolder({ root: folder, ignored: createIgnored({ root: folder }) });
  const activities = createActivities({
    folders: createFolders(assets, () => files),
    assets,
    descriptions,
    pictures,
    renditions: createRenditionCache({ dir: path.join(home, 'renditions'), maxBytes: 1e8, log: () => undefined }),
    pool,
    vision,
    backfills: createBackfillStore({ database }),
    missing: createMissingStore({ database }),
    openAmong: async () => new Set(),
    isPassing: async () => false,
    startPass: async () => true,
    goOnWith: async () => ({ kind: 'under way' }) as const,
    pauses: createKeptPauses({ database }),
    keepWindows: async () => ({ closed: [], opened: [] }),
    passesAreWanted: true,
    runs: {
      start: async ({ asset }) => started.push(asset.path) > 0,
      countOpen: async () => 0,
      isOpen: async () => true,
    },
    wanted: onlyWanted(wanted),
    faces: faces.steps,
    clustering: faces.clustering,
    longSide: recipe.longSide,
    now: () => Date.now() + 60_000,
  });
  const known = async (isIt: (file: FoundFile) => boolean) => {
    const found = (await files.page({ cursor: undefined, limit: 1_000 })).files.find(isIt);
    if (found === undefined) throw new Error('no such photo in the folder');
    const registered = (await assets.register(library, [found], wanted.hash))[0];
    if (registered === undefined) throw new Error('no row for the photo');
    return { asset: registered.asset, stat: found.stat };
  };
  return {
    activities,
    assets,
    descriptions,
    host,
    library: library.name,
    folder,
    started,
    photo: async () => await known(() => true),
    async add(name, jpeg) {
      await writeFile(path.join(folder, name), jpeg);
      return await known(({ rawPath }) => Buffer.from(rawPath).toString() === name);
    },
    database,
    rows: async () =>
      await Promise.all(
        tables.map(async (table) => {
          const row = z.object({ row: z.string() });
          const found = await database.rows(
            row,
            (sql) => sql`select t.xmin::text || to_jsonb(t)::text as row from ${sql('darkroom')}.${sql(table)} t`,
          );
          return [table, found.map(({ row }) => row).sort()];
        }),
      ),
  };
}
