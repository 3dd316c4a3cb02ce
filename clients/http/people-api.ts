import { PermanentError } from '../../domain/errors.ts';
import type { FaceVectors } from '../../domain/face-store.ts';
import type { LibraryRecord } from '../../domain/ports.ts';
import { type FacePhotos, PhotoError } from '../face-photos.ts';
import type { PeopleAccess } from '../people.ts';
import { problem } from './problems.ts';

/** What the routes of people and faces need. */
export interface PeopleApi extends PeopleAccess {
  readonly vectors: Pick<FaceVectors, 'page'>;
  readonly photos: FacePhotos;
  readonly libraries: () => Promise<readonly LibraryRecord[]>;
  /** Name of the model whose faces count. */
  readonly model: string;
}

export interface PeopleRoutesDeps {
  /** Throws a problem while the engine starts. */
  readonly api: () => Promise<PeopleApi>;
}

/** Where a library is named there is one. Throws the problem library-missing. */
export async function libraryNamed(
  { libraries }: Pick<PeopleApi, 'libraries'>,
  name: string | undefined,
): Promise<{ readonly library?: string }> {
  if (name === undefined) return {};
  if ((await libraries()).some((one) => one.name === name)) return { library: name };
  throw problem('library-missing', 'There is no library of this name. GET /libraries lists them.');
}

/** Faults of photos and of pictures as problems; what else is wrong passes through. */
export async function orProblem<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof PhotoError) throw problem(error.code, error.message);
    if (error instanceof PermanentError) throw problem('picture-unreadable', error.message);
    throw error;
  }
}
