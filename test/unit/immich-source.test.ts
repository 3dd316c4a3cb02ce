import assert from 'node:assert/strict';
import { test } from 'node:test';
import { immichSource } from '../../activities/immich-source.ts';
import { createRecentAssets } from '../../activities/recent-assets.ts';
import type { Content } from '../../domain/asset.ts';
import type { ImmichRecord } from '../../domain/immich-store.ts';
import type { ImmichLibrary } from '../../domain/immich.ts';
import { createFakeImmich } from '../support/fake-immich.ts';

const record: ImmichRecord = {
  id: '1',
  name: 'immich',
  root: 'http://immich:2283',
  kind: 'immich',
  ownerId: 'owner',
  keySha: 'k',
  firstLook: 'over',
};
const content: Content = { hash: 'c', bytes: 1, kind: 'jpeg', width: 1, height: 1, capture: {} };
const no = (): never => {
  throw new Error('nobody asks for this');
};

const has = { none: false, 'not allowed to know': undefined } as const;

interface Told {
  readonly isDeleted?: boolean;
  /** What Immich says of all photos; absent: the truth. */
  readonly hasTags?: keyof typeof has;
  /** An earlier step asked for the photo by itself, and saw its tags. */
  readonly isWhole?: boolean;
  readonly looksForFaces?: 'auto' | 'on' | 'off';
}

/** What is told of a photo that a page showed without its tags, as Immich's search does. */
async function told(
  tellsTags: boolean,
  { isDeleted = false, hasTags, isWhole = false, looksForFaces = 'auto' }: Told = {},
) {
  const fake = createFakeImmich(record);
  const id = fake.put(1, { tags: ['beach'] });
  const recent = createRecentAssets(Date.now);
  const asset = fake.assets.get(id);
  assert.ok(asset);
  recent.keep([isWhole ? asset : { ...asset, tags: [] }], { whole: isWhole });
  let reads = 0;
  const immich: ImmichLibrary = {
    ...fake.open.immich,
    asset(...args) {
      reads += 1;
      return fake.open.immich.asset(...args);
    },
    hasTags: async (signal) => (hasTags === undefined ? fake.open.immich.hasTags(signal) : has[hasTags]),
  };
  const open = { ...fake.open, immich };
  if (isDeleted) fake.assets.delete(id);
  const source = immichSource({
    open,
    immichs: { of: async () => open },
    pictures: { readBytes: no },
    recent,
    store: {
      ...fake.store,
      ensure: no,
      libraries: no,
      setFirstLook: no,
      setSwept: no,
      setReadOnly: no,
      tellPeople: no,
    },
    publications: { find: no, intend: no, written: no, leave: no },
    waits: { previewWaitMs: 0, peopleWaitMs: 0 },
    videos: false,
    tellsAlbums: false,
    tellsTags,
    tellsPeople: false,
    looksForFaces,
    firstLookCount: 0,
    wrapper: 'off',
    ignore: [],
    publishesTags: false,
    sha256: (text) => text,
    now: Date.now,
  });
  const ref = { assetId: '1', library: 'immich', path: `${id}/IMG.jpg` };
  const { facts, facesAreLeft } = (await source.tell(ref, content, AbortSignal.timeout(1_000))) ?? {};
  return { facts, facesAreLeft, reads };
}

test('a prompt that names tags gets them, though the page that showed the photo had none', async () => {
  const { facts, reads } = await told(true);
  assert.deepEqual([facts?.keywords, reads], [['beach'], 1]);
});

test('without such a prompt what the page showed is enough', async () => {
  const { facts, reads } = await told(false);
  assert.deepEqual([facts?.keywords, reads], [undefined, 0]);
});

test('where Immich has no tags at all no photo is read for them', async () => {
  const { facts, reads } = await told(true, { hasTags: 'none' });
  assert.deepEqual([facts?.keywords, reads], [undefined, 0]);
});

test('a key that may not know whether there are tags has each photo read', async () => {
  const { facts, reads } = await told(true, { hasTags: 'not allowed to know' });
  assert.deepEqual([facts?.keywords, reads], [['beach'], 1]);
});

test('a photo that an earlier step asked for by itself a moment ago is not read once more for its tags', async () => {
  const { facts, reads } = await told(true, { isWhole: true });
  assert.deepEqual([facts?.keywords, reads], [['beach'], 0]);
});

test('of a photo that was deleted meanwhile nothing is told, so that no model is asked about it', async () => {
  const { facts, reads } = await told(true, { isDeleted: true, hasTags: 'not allowed to know' });
  assert.deepEqual([facts, reads], [undefined, 1]);
});

test('an Immich that recognises people keeps doing so alone, unless faces are to be looked for there too', async () => {
  assert.equal((await told(false)).facesAreLeft, true);
  assert.equal((await told(false, { looksForFaces: 'on' })).facesAreLeft, false);
  assert.equal((await told(false, { looksForFaces: 'off' })).facesAreLeft, true);
});
