import type { Face } from '../../domain/face-store.ts';
import type { PublicationStore } from '../../domain/immich-store.ts';
import type { Opened } from '../open.ts';
import type { PhotoPictures } from '../photo-picture.ts';
import type { ProgressFeed } from '../progress-feed.ts';
import type { PeopleApi } from './people-api.ts';
import { problem } from './problems.ts';

/** What the routes of the engine work with: what commands work with, and some more. */
export interface EngineApi {
  readonly opened: Opened;
  /** As it is now. */
  readonly run: () => Promise<Opened['run']>;
  readonly pictures: PhotoPictures;
  readonly publications: Pick<PublicationStore, 'find'>;
  /** Faces of a photo by its content hash. */
  readonly facesOf: (contentHash: string) => Promise<readonly Face[]>;
  readonly people: PeopleApi;
  readonly progress: ProgressFeed;
  readonly sha256: (raw: Uint8Array | string) => string;
}

/** Throws a problem while the engine starts. */
export type GetApi = () => Promise<EngineApi>;

/** Throws problem library-missing; undefined where none was named. */
export async function libraryNamed({ opened }: EngineApi, name: string | undefined): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const libraries = await opened.assets.libraries();
  const names = libraries.map((library) => library.name);
  if (names.includes(name)) return name;
  throw problem(
    'library-missing',
    `There is no such library. There are: ${names.length === 0 ? 'none' : names.join(', ')}.`,
  );
}
