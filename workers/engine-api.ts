import path from 'node:path';
import { createFolder } from '../adapters/folder/folder.ts';
import { createIgnored } from '../adapters/folder/ignore.ts';
import { atMost } from '../adapters/picture/at-most.ts';
import { createPictureReader } from '../adapters/picture/reader.ts';
import { createRenditionCache } from '../adapters/picture/rendition-cache.ts';
import { connect } from '../adapters/postgres/connection.ts';
import { createFaceStore } from '../adapters/postgres/face-store.ts';
import { createPublicationStore } from '../adapters/postgres/publication-store.ts';
import type { EngineApi } from '../clients/http/engine-api.ts';
import { openImmichNamed } from '../clients/immich/library.ts';
import { type Opened, openRunning } from '../clients/open.ts';
import { createPhotoPictures } from '../clients/photo-picture.ts';
import { createProgressFeed, progressNow } from '../clients/progress-feed.ts';
import { UsageError } from '../clients/usage-error.ts';
import { postgresOptions } from '../runtime/database/target.ts';
import type { Logger } from '../runtime/log.ts';
import { readRunFile } from '../runtime/run-file.ts';
import { sha256 } from '../runtime/sha256.ts';
import { createPeopleApi } from './engine-people.ts';
import type { Faces } from './face-steps.ts';

export interface EngineApiDeps {
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
  readonly log: Logger;
  /** Undefined where no face service is set up, or while the engine starts. */
  readonly faces: () => Faces | undefined;
}

export interface OpenEngineApi {
  /** Opened when first asked for: what commands work with, on connections of its own, so that no step waits for a request. */
  get(): Promise<EngineApi>;
  close(): Promise<void>;
}

/** Decoding takes a core each, and runs need them too. */
const picturesAtOnce = 2;

export function createEngineApi(deps: EngineApiDeps): OpenEngineApi {
  let opening: ReturnType<typeof open> | undefined;
  return {
    async get() {
      opening ??= open(deps);
      opening.catch(() => (opening = undefined));
      return (await opening).api;
    },
    async close() {
      const opened = await opening?.catch(() => undefined);
      await opened?.close();
    },
  };
}

async function open({
  env,
  dataDir,
  log,
  faces: services,
}: EngineApiDeps): Promise<{ api: EngineApi; close: () => Promise<void> }> {
  const opened = await openRunning(env, dataDir);
  const { settings, run } = opened;
  const database = connect(postgresOptions(run.database, { max: 1 }), { max: 1 });
  const faces = createFaceStore({ database });
  const pictures = createPictureReader({
    maxPixels: settings.DARKROOM_MAX_MEGAPIXELS * 1_000_000,
    log: (message) => log.warn({ source: 'pictures' }, message),
  });
  const inTurn = atMost(picturesAtOnce);
  const renditions = createRenditionCache({
    dir: path.join(dataDir, 'renditions'),
    maxBytes: settings.DARKROOM_CACHE_MB * 1_048_576,
    log: (message) => log.warn({ source: 'renditions' }, message),
  });
  const photoPictures = createPhotoPictures({
    renditions,
    pictures: {
      read: (input) => inTurn(input.signal, () => pictures.read(input)),
      readBytes: (input) => inTurn(input.signal, () => pictures.readBytes(input)),
    },
    assets: opened.assets,
    folderAt: (root) =>
      createFolder({ root, ignored: createIgnored({ root, dataDir, globs: settings.DARKROOM_IGNORE }) }),
    immichOf: (library) => immichOf(opened, library),
  });
  const api: EngineApi = {
    opened,
    async run() {
      const found = await readRunFile(dataDir);
      return found.state === 'running' ? found.run : run;
    },
    pictures: photoPictures,
    publications: createPublicationStore({ database }),
    facesOf: (contentHash) => faces.facesOf({ contentHash, model: settings.FACE_MODEL }),
    people: createPeopleApi({ opened, pictures: photoPictures, renditions, database, faces: services() }),
    progress: createProgressFeed({ look: () => progressNow(opened) }),
    sha256,
  };
  return { api, close: async () => void (await Promise.all([opened.close(), database.close(), pictures.close()])) };
}

async function immichOf({ immich }: Opened, library: string) {
  const record = (await immich.store.libraries()).find(({ name }) => name === library);
  if (record === undefined) throw new UsageError(`${library} is no library of an Immich any more.`);
  return (await openImmichNamed(immich, record)).immich;
}
