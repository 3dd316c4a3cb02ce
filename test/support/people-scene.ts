import assert from 'node:assert/strict';
import type { Database } from '../../adapters/postgres/connection.ts';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { createFaceAssignments } from '../../adapters/postgres/face-assignments.ts';
import { createFaceStore } from '../../adapters/postgres/face-store.ts';
import { createFaceVectors } from '../../adapters/postgres/face-vectors.ts';
import { createMergeStore } from '../../adapters/postgres/person-merge.ts';
import { createPersonStore } from '../../adapters/postgres/person-store.ts';
import type { DetectedFace, FaceBox } from '../../domain/face.ts';
import type { FaceAssignments, FaceStore, FaceVectors } from '../../domain/face-store.ts';
import { type PeopleCode, PeopleError } from '../../domain/person.ts';
import type { MergeStore, PersonStore } from '../../domain/person-store.ts';
import { hashOf, registerOne, sampleFile } from './store-samples.ts';

export interface PeopleStores {
  readonly faces: FaceStore;
  readonly assignments: FaceAssignments;
  readonly vectors: FaceVectors;
  readonly people: PersonStore;
  readonly merges: MergeStore;
  /** Registers a photo whose bytes are those of `name`, in a library. */
  readonly photo: (library: string, name: string) => Promise<string>;
  /** Gives a person so many faces more, which were marked by hand on photos of their own. */
  readonly crowd: (personId: string, count: number) => Promise<void>;
}

export const model = 'buffalo_l';

export function peopleStores(database: Database): PeopleStores {
  const assets = createAssetStore({ database });
  return {
    faces: createFaceStore({ database }),
    assignments: createFaceAssignments({ database }),
    vectors: createFaceVectors({ database }),
    people: createPersonStore({ database }),
    merges: createMergeStore({ database }),
    async photo(libraryName, name) {
      const library = await assets.ensureLibrary({ name: libraryName, root: `/${libraryName}` });
      const { asset } = await registerOne(assets, library, sampleFile(`${name}.jpg`));
      await database.run(
        (sql) =>
          sql`update darkroom.asset set content_hash = ${hashOf(name)}, state = 'done' where id = ${asset.assetId}`,
      );
      return asset.assetId;
    },
    async crowd(personId, count) {
      await database.run(
        (sql) => sql`
          insert into darkroom.face_detection
            (content_hash, model, source, status, x, y, width, height, person_id, assigned_by, assigned)
          select 'crowd ' || ${personId}::text || ' ' || n, ${model}, 'manual', 'detected', 0, 0, 0.5, 0.5, ${personId}, 'person', now()
          from generate_series(1, ${count}::integer) n`,
      );
    },
  };
}

/** A vector of length 1 of its own for each seed. */
export function vectorOf(seed: number): Float32Array {
  let state = seed + 1;
  const parts = Float32Array.from({ length: 512 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  const length = Math.hypot(...parts);
  return parts.map((part) => part / length);
}

/** Beside each other from left to right, none overlapping: there is room for ten. */
export const boxAt = (place: number): FaceBox => ({ x: place / 10, y: 0.25, width: 0.0625, height: 0.125 });

export const faceAt = (place: number, seed = place): DetectedFace => ({
  box: boxAt(place),
  score: 0.75,
  embedding: vectorOf(seed),
});

/** Saves so many faces on the photo of that name, and returns their ids from left to right. */
export async function withFaces(stores: PeopleStores, name: string, count: number): Promise<string[]> {
  const contentHash = hashOf(name);
  await stores.faces.save({ contentHash, model, faces: Array.from({ length: count }, (_, nth) => faceAt(nth)) });
  return (await stores.faces.facesOf({ contentHash, model })).map(({ faceId }) => faceId);
}

/** A person with so many faces, each on a photo of its own. */
export async function personWith(stores: PeopleStores, name: string | undefined, photos: readonly string[]) {
  const { personId } = await stores.people.create(name === undefined ? {} : { name });
  const faceIds: string[] = [];
  for (const photo of photos) faceIds.push(...(await withFaces(stores, photo, 1)));
  await stores.assignments.assign({ faceIds, personId, by: 'person' });
  return { personId, faceIds };
}

export const facesOfPerson = async ({ people }: PeopleStores, personId: string): Promise<string[]> =>
  (await people.faces({ personId, limit: 100_000 })).map(({ faceId }) => faceId);

/** For `assert.rejects`. */
export const is = (code: PeopleCode) => (error: unknown) => {
  assert.ok(error instanceof PeopleError, String(error));
  assert.equal(error.code, code);
  return true;
};

/** Anna with two faces, Cleo with one, and between them one without a name. */
export async function threePeople(open: () => Promise<PeopleStores>) {
  const stores = await open();
  const a = await personWith(stores, 'Anna', ['a1', 'a2']);
  const b = await personWith(stores, undefined, ['b1']);
  const c = await personWith(stores, 'Cleo', ['c1']);
  const merge = async (source: { personId: string }, target: { personId: string }) => {
    const [done] = await stores.merges.merge({ sources: [source.personId], target: target.personId });
    assert.ok(done);
    return done;
  };
  return { ...stores, stores, a, b, c, merge };
}
