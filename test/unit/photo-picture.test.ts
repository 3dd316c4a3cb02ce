import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPhotoPictures, type PictureDeps } from '../../clients/photo-picture.ts';
import type { Content } from '../../domain/asset.ts';
import { PermanentError } from '../../domain/errors.ts';
import type { ImmichAsset } from '../../domain/immich.ts';
import type { PictureReading } from '../../domain/ports.ts';
import type { FoundAsset } from '../../domain/status.ts';
import { hashOf, sampleContent, sampleStat } from '../support/store-samples.ts';

const immichId = '2f1d2c3b-1111-4222-8333-944455566677';
const content: Content = sampleContent('a');
const found: FoundAsset = {
  asset: { assetId: '1', library: 'pictures', path: 'a.jpg' },
  rawPath: Buffer.from('a.jpg'),
  root: '/pictures',
  match: 'exact',
  state: 'done',
  waitingReason: undefined,
  waitingSince: undefined,
  content,
  description: undefined,
};
const inImmich: FoundAsset = {
  ...found,
  asset: { assetId: '2', library: 'immich', path: `${immichId}/a.jpg` },
  root: 'http://immich:2283',
  kind: 'immich',
};
const asset: ImmichAsset = {
  id: immichId,
  ownerId: 'u',
  type: 'IMAGE',
  originalFileName: 'a.jpg',
  checksum: 'x',
  isEdited: false,
  visibility: 'timeline',
  isTrashed: false,
  isOffline: false,
  createdAt: 0,
  updatedAt: 0,
  fileCreatedAt: 0,
  fileModifiedAt: 0,
  hasMetadata: true,
  hasPreview: true,
  description: '',
  facts: {},
  people: [],
  tags: [],
};

const jpeg = Buffer.from('jpeg');
const read = (hash: string): PictureReading => ({ kind: 'read', content: { ...content, hash }, rendition: jpeg });

interface World {
  readonly there?: boolean;
  readonly known?: boolean;
  readonly readings?: PictureReading[];
  readonly seen?: ImmichAsset | undefined;
  readonly preview?: Buffer | undefined;
}

function pictures({ there = true, known = true, readings = [read(hashOf('b'))], ...immich }: World = {}) {
  const kept = new Map<string, Buffer>();
  const [log, roots]: [string[], string[]] = [[], []];
  const next = async () => readings.shift() ?? ({ kind: 'torn' } as const);
  const deps: PictureDeps = {
    renditions: {
      get: async (hash, side) => kept.get(`${hash} ${side}`),
      async put(hash, side, bytes) {
        kept.set(`${hash} ${side}`, bytes);
      },
    },
    pictures: {
      async read({ path, longSide }) {
        log.push(`read ${path.toString()} ${longSide}`);
        return await next();
      },
      async readBytes() {
        log.push('preview');
        const reading = await next();
        if (reading.kind === 'read') return reading;
        throw new PermanentError('Undecodable', 'no picture');
      },
    },
    assets: { knownContent: async () => (known ? content : undefined) },
    folderAt(root) {
      roots.push(root);
      return {
        stat: async () => (there ? sampleStat() : undefined),
        resolve: async (rawPath) => Buffer.from(`${root}/${Buffer.from(rawPath).toString()}`),
      };
    },
    immichOf: async () => ({
      asset: async () => ('seen' in immich ? immich.seen : asset),
      preview: async () => ('preview' in immich ? immich.preview : Buffer.from('preview')),
    }),
  };
  const shown = createPhotoPictures(deps);
  const { signal } = new AbortController();
  const look = (photo: FoundAsset, theirs: readonly string[] = [], over: { isKept?: boolean } = {}) =>
    shown.of(photo, { longSide: 512, known: (hash) => theirs.includes(hash), signal, ...over });
  return { look, log, roots, kept };
}

test('a picture is made once, and comes out of the cache from then on', async () => {
  const { look, log } = pictures({ readings: [read(content.hash)] });
  assert.deepEqual(await look(found), { kind: 'read', hash: content.hash, jpeg });
  assert.deepEqual(await look(found), { kind: 'read', hash: content.hash, jpeg });
  assert.deepEqual(log, ['read /pictures/a.jpg 512']);
});

test('a picture of which only a part is wanted is not kept', async () => {
  const { look, kept } = pictures({ readings: [read(content.hash)] });
  assert.equal((await look(found, [], { isKept: false })).kind, 'read');
  assert.equal(kept.size, 0);
});

test('a folder is opened once for all of its photos', async () => {
  const { look, roots } = pictures({ readings: [read(content.hash), read(content.hash)] });
  await look(found);
  await look(found);
  await look({ ...found, root: '/phone' });
  assert.deepEqual(roots, ['/pictures', '/phone']);
});

test('whoever has the picture of these bytes is told so, and nothing is decoded', async () => {
  const { look, log } = pictures();
  assert.deepEqual(await look(found, [content.hash]), { kind: 'same', hash: content.hash });
  assert.deepEqual(log, []);
});

test('a file that was changed since is shown as it is now, and not as it was', async () => {
  const { look, kept } = pictures({ known: false });
  kept.set(`${content.hash} 512`, Buffer.from('old'));
  assert.deepEqual(await look(found, [content.hash]), { kind: 'read', hash: hashOf('b'), jpeg });
});

test('a file that is gone, or goes while it is read, is gone; one that does not hold still is changing', async () => {
  assert.deepEqual(await pictures({ there: false }).look(found), { kind: 'gone' });
  assert.deepEqual(await pictures({ readings: [{ kind: 'gone' }] }).look(found), { kind: 'gone' });
  const still = pictures({ readings: [{ kind: 'torn' }, { kind: 'torn' }, read(content.hash)] });
  assert.equal((await still.look(found)).kind, 'read');
  assert.deepEqual(await pictures({ readings: [] }).look(found), { kind: 'changing' });
});

test('a photo of an Immich is shown by its preview, which is asked for once', async () => {
  const { look, log } = pictures({ readings: [read(content.hash)] });
  assert.equal((await look(inImmich)).kind, 'read');
  assert.equal((await look(inImmich)).kind, 'read');
  assert.deepEqual(log, ['preview']);
});

test('what is deleted, locked or without a preview in Immich is not shown, also where we have a picture of it', async () => {
  for (const [kind, world] of [
    ['gone', { seen: undefined }],
    ['gone', { seen: { ...asset, isTrashed: true } }],
    ['locked', { seen: { ...asset, visibility: 'locked' as const } }],
  ] as const) {
    const { look, kept } = pictures(world);
    kept.set(`${content.hash} 512`, jpeg);
    assert.deepEqual(await look(inImmich, [content.hash]), { kind });
  }
  assert.deepEqual(await pictures({ preview: undefined }).look(inImmich), { kind: 'changing' });
  await assert.rejects(pictures({ readings: [] }).look(inImmich), { code: 'Undecodable' });
});
