import assert from 'node:assert/strict';
import { test } from 'node:test';
import { immichSource } from '../../activities/immich-source.ts';
import { createRecentAssets } from '../../activities/recent-assets.ts';
import type { Content } from '../../domain/asset.ts';
import type { ImmichRecord } from '../../domain/immich-store.ts';
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

/** What is told of a photo that a page showed without its tags, as Immich's search does. */
async function told(tellsTags: boolean, isDeleted = false, looksForFaces: 'auto' | 'on' | 'off' = 'auto') {
  const fake = createFakeImmich(record);
  const id = fake.put(1, { tags: ['beach'] });
  const recent = createRecentAssets(Date.now);
  const asset = fake.assets.get(id);
  assert.ok(asset);
  recent.keep([{ ...asset, tags: [] }]);
  if (isDeleted) fake.assets.delete(id);
  const source = immichSource({
    open: fake.open,
    immichs: { of: async () => fake.open },
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
  return await source.tell(ref, content, AbortSignal.timeout(1_000));
}

test('a prompt that names tags gets them, though the page that showed the photo had none', async () => {
  assert.deepEqual((await told(true))?.facts.keywords, ['beach']);
});

test('without such a prompt what the page showed is enough', async () => {
  assert.equal((await told(false))?.facts.keywords, undefined);
});

test('of a photo that was deleted meanwhile nothing is told, so that no model is asked about it', async () => {
  assert.equal(await told(true, true), undefined);
});

test('an Immich that recognises people keeps doing so alone, unless faces are to be looked for there too', async () => {
  assert.equal((await told(false))?.facesAreLeft, true);
  assert.equal((await told(false, false, 'on'))?.facesAreLeft, false);
  assert.equal((await told(false, false, 'off'))?.facesAreLeft, true);
});
