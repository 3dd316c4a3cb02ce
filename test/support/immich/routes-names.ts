import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { albumAnswer, personAnswer, tagAnswer } from './name-answers.ts';
import { queueSidecar } from './jobs.ts';
import { Refused, notFoundOrNoAccess } from './refused.ts';
import { bodyOf, type Call, ownAsset, type Reply, type Routes } from './route.ts';
import type { TagRow, UserRow } from './rows.ts';
import { atLeast, put, serverNow, type State } from './state.ts';

/** Of a person without a name before they are listed: what a new user has set (sheet 5.2). */
const fewestFaces = 3;

function facesOf(state: State, user: UserRow): Map<string, number> {
  const faces = new Map<string, number>();
  for (const asset of state.index.candidates([user.id], {})) {
    for (const { personId } of asset.faces) if (personId !== null) faces.set(personId, (faces.get(personId) ?? 0) + 1);
  }
  return faces;
}

/** GET /people: by pages of at most 1,000; the hidden only on request (sheet 5.2). */
function people({ state, user, query }: Call): Reply {
  const size = Number(query.get('size') ?? 500);
  const page = Number(query.get('page') ?? 1);
  if (!(size >= 1 && size <= 1000))
    throw new Refused(400, 'Validation failed', [{ path: ['size'], message: 'Too big' }]);
  const own = [...state.tables.people.values()].filter(({ ownerId }) => ownerId === user.id);
  const hiddenToo = query.get('withHidden') === 'true';
  const faces = own.some(({ name }) => name === '') ? facesOf(state, user) : new Map<string, number>();
  const shown = own.filter(
    ({ id, name, isHidden }) => (hiddenToo || !isHidden) && (name !== '' || (faces.get(id) ?? 0) >= fewestFaces),
  );
  // Those with a name come first.
  const sorted = [...shown.filter(({ name }) => name !== ''), ...shown.filter(({ name }) => name === '')];
  return {
    json: {
      people: sorted.slice((page - 1) * size, page * size).map(personAnswer),
      total: own.length,
      hidden: own.filter(({ isHidden }) => isHidden).length,
      hasNextPage: sorted.length > page * size,
    },
  };
}

/**
 * GET /albums, of one asset with `assetId`: own ones and those that are shared with this user. Without, version 2 lists the
 * own ones only.
 */
function albums({ state, user, query }: Call): Reply {
  const assetId = query.get('assetId');
  const ownOnly = assetId === null && !atLeast(state, '3.0');
  const ids = assetId === null ? state.tables.albums.keys() : state.index.albumsOf(assetId);
  return {
    json: [...ids].flatMap((id) => {
      const album = state.tables.albums.get(id);
      if (album === undefined) return [];
      const isSeen = album.ownerId === user.id || (!ownOnly && album.sharedWith.includes(user.id));
      return isSeen ? [albumAnswer(state, album)] : [];
    }),
  };
}

const ownTags = (state: State, user: UserRow): TagRow[] =>
  [...state.tables.tags.values()].filter(({ userId }) => userId === user.id);

/** PUT /tags: makes `a` and `a/b`, or finds them (sheet 3.6). */
function upsertTags({ state, user, body }: Call): Reply {
  const { tags } = bodyOf(z.object({ tags: z.array(z.string()) }), body);
  return { json: tags.map((value) => tagAnswer(upsertTag(state, user, value))) };
}

/** A tag and those above it. */
export function upsertTag(state: State, user: UserRow, value: string): TagRow {
  const parts = value.split('/').filter((part) => part !== '');
  let made: TagRow | undefined;
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const path = parts.slice(0, depth).join('/');
    const known = ownTags(state, user).find((tag) => tag.value === path);
    const parentId: string | null = made?.id ?? null;
    made = known ?? { id: randomUUID(), userId: user.id, value: path, parentId, createdAt: serverNow(state) };
    if (known === undefined) put(state, 'tags', made);
  }
  if (made === undefined) throw new Refused(400, 'Tag must not be empty');
  return made;
}

/** PUT /tags/assets: queues a SidecarWrite, as every edit does (sheet 3.6). */
function tagAssets(call: Call): Reply {
  const { state, user, body } = call;
  const { tagIds, assetIds } = bodyOf(z.object({ tagIds: z.array(z.uuid()), assetIds: z.array(z.uuid()) }), body);
  for (const id of tagIds) if (state.tables.tags.get(id)?.userId !== user.id) throw notFoundOrNoAccess('tag.asset');
  let count = 0;
  for (const asset of assetIds.map((id) => ownAsset(call, id, 'asset.update'))) {
    const added = tagIds.filter((id) => !asset.tags.includes(id));
    count += added.length;
    asset.tags = [...asset.tags, ...added];
    if (added.length > 0) queueSidecar(state, asset);
  }
  return { json: { count } };
}

export const nameRoutes: Routes = {
  'GET /people': { permission: 'person.read', run: people },
  'GET /people/:id': {
    permission: 'person.read',
    run: ({ state, user, id }) => {
      const person = state.tables.people.get(id);
      if (person?.ownerId !== user.id) throw notFoundOrNoAccess('person.read');
      return { json: personAnswer(person) };
    },
  },
  'GET /albums': { permission: 'album.read', run: albums },
  'GET /tags': { permission: 'tag.read', run: ({ state, user }) => ({ json: ownTags(state, user).map(tagAnswer) }) },
  'PUT /tags': { permission: 'tag.create', run: upsertTags },
  'PUT /tags/assets': { permission: 'tag.asset', run: tagAssets },
};
