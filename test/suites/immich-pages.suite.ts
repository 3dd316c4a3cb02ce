import assert from 'node:assert/strict';
import { leftOut } from '../../domain/immich-rules.ts';
import type { ImmichWorld } from '../support/immich-world.ts';
import { idsOf, inWorld, walk } from '../support/in-world.ts';

type MakeWorld = () => Promise<ImmichWorld>;

const start = Date.UTC(2024, 0, 1);
const minute = 60_000;
/** An instant for the photo with this number: a higher one is newer. */
const at = (number: number): number => start + number * minute;

/** So many photos, a minute apart; ids from the newest to the oldest, as a walk gives them. */
async function addPhotos(world: ImmichWorld, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 0; number < count; number += 1) ids.unshift(await world.addAsset({ fileCreatedAt: at(number) }));
  return ids;
}

/** Walking through a library. */
export function immichPageSuite(makeWorld: MakeWorld): void {
  order(makeWorld);
  changesMeanwhile(makeWorld);
  choices(makeWorld);
}

function order(makeWorld: MakeWorld): void {
  const inside = inWorld(makeWorld);

  inside('a library without photos is one empty page', async (world) => {
    assert.deepEqual(await walk(world), []);
  });

  inside('photos come newest first, each once, whatever the size of the pages', async (world) => {
    const ids = await addPhotos(world, 23);
    for (const limit of [1, 7, 23, 1_000]) assert.deepEqual(idsOf(await walk(world, { limit })), ids, `${limit}`);
  });

  inside('a page never holds more than was asked for', async (world) => {
    await addPhotos(world, 9);
    const sizes: number[] = [];
    await walk(world, { limit: 4 }, async (page) => void sizes.push(page.length));
    assert.ok(
      sizes.every((size) => size <= 4),
      sizes.join(', '),
    );
  });

  inside('a hundred photos of one instant come once each, in pages of seven', async (world) => {
    const ids: string[] = [];
    for (let count = 0; count < 100; count += 1) ids.push(await world.addAsset({ fileCreatedAt: at(0) }));
    ids.push(await world.addAsset({ fileCreatedAt: at(1) }), await world.addAsset({ fileCreatedAt: at(-1) }));
    const found = idsOf(await walk(world, { limit: 7 }));
    assert.equal(found.length, ids.length);
    assert.deepEqual([...found].sort(), [...ids].sort());
    assert.equal(found.at(0), ids.at(-2));
    assert.equal(found.at(-1), ids.at(-1));
  });

  inside('archived photos stand among the others, in their place', async (world) => {
    const old = await world.addAsset({ fileCreatedAt: at(0) });
    const archived = await world.addAsset({ fileCreatedAt: at(1), visibility: 'archive' });
    const recent = await world.addAsset({ fileCreatedAt: at(2) });
    for (const limit of [1, 2, 10]) {
      assert.deepEqual(idsOf(await walk(world, { limit })), [recent, archived, old], `${limit}`);
    }
  });

  inside('a page tells of an asset what a look at it tells; tags may be missing', async (world) => {
    const id = await world.addAsset({
      description: 'A text.',
      exif: { city: 'Oslo', country: 'Norway', make: 'FUJIFILM', model: 'X100V', rating: 5 },
    });
    await world.recognise(await world.addPerson({ name: 'Anna' }), [id]);
    const [found] = await walk(world);
    assert.deepEqual(found, await world.library.asset(id, AbortSignal.timeout(60_000)));
  });

  inside('the photos of partners are in no page, and what must not be described is told as such', async (world) => {
    const own = await world.addAsset({ fileCreatedAt: at(1) });
    const trashed = await world.addAsset({ fileCreatedAt: at(2) });
    await world.trash(trashed);
    await world.addAsset({ visibility: 'hidden', type: 'VIDEO' });
    await world.addAsset({ visibility: 'locked' });
    for (let number = 0; number < 12; number += 1)
      await world.addAsset({ owner: 'partner', fileCreatedAt: at(number) });
    const found = await walk(world, { limit: 5, videos: true });
    assert.ok(found.every(({ ownerId }) => ownerId === world.userId));
    const { userId } = world;
    const described = found.filter((asset) => leftOut(asset, { userId, videos: true }) === undefined);
    assert.deepEqual(idsOf(described), [own]);
  });
}

function changesMeanwhile(makeWorld: MakeWorld): void {
  const inside = inWorld(makeWorld);

  inside('photos that are added during a walk make it repeat none and miss none that was there', async (world) => {
    const ids = await addPhotos(world, 20);
    let added = 0;
    const found = await walk(world, { limit: 5 }, async () => {
      // Newer than all, and into the middle of what has been walked already.
      for (const number of [100 + added, 19]) await world.addAsset({ fileCreatedAt: at(number) + added });
      added += 1;
    });
    assert.equal(new Set(idsOf(found)).size, found.length);
    assert.deepEqual(
      idsOf(found).filter((id) => ids.includes(id)),
      ids,
    );
  });

  inside('a photo that is added a millisecond behind the place of a walk makes it repeat none', async (world) => {
    const ids: string[] = [];
    for (const fileCreatedAt of [at(0) + 2, at(0), at(-1)]) ids.push(await world.addAsset({ fileCreatedAt }));
    let pages = 0;
    const found = await walk(world, { limit: 1 }, async () => {
      pages += 1;
      if (pages === 2) await world.addAsset({ fileCreatedAt: at(0) + 1 });
    });
    assert.equal(new Set(idsOf(found)).size, found.length);
    assert.deepEqual(
      idsOf(found).filter((id) => ids.includes(id)),
      ids,
    );
  });

  inside('photos that are deleted during a walk make it miss none of the others', async (world) => {
    const ids = await addPhotos(world, 20);
    const gone = new Set<string>();
    const found = await walk(world, { limit: 5 }, async (page) => {
      for (const { id } of page.slice(0, 3)) {
        gone.add(id);
        await world.remove(id);
      }
    });
    assert.deepEqual(idsOf(found), ids);
    assert.ok(gone.size > 5);
  });
}

function choices(makeWorld: MakeWorld): void {
  const inside = inWorld(makeWorld);

  inside('videos come only where they are asked for', async (world) => {
    const photo = await world.addAsset({ fileCreatedAt: at(0) });
    const video = await world.addAsset({ fileCreatedAt: at(1), type: 'VIDEO' });
    assert.deepEqual(idsOf(await walk(world)), [photo]);
    assert.deepEqual(idsOf(await walk(world, { videos: true })), [video, photo]);
  });

  inside('with createdAfter only what Immich learned of since then', async (world) => {
    await world.addAsset({ createdAt: at(10), fileCreatedAt: at(500) });
    const edge = await world.addAsset({ createdAt: at(20), fileCreatedAt: at(1) });
    const late = await world.addAsset({ createdAt: at(30), fileCreatedAt: at(2) });
    assert.deepEqual(idsOf(await walk(world, { createdAfter: at(20) })), [late, edge]);
    assert.deepEqual(idsOf(await walk(world, { createdAfter: at(31) })), []);
  });

  inside('bounds of the time at which they were taken are both inclusive', async (world) => {
    const ids = await addPhotos(world, 10);
    const found = await walk(world, { takenFrom: at(3), takenTo: at(6), limit: 2 });
    assert.deepEqual(idsOf(found), ids.slice(3, 7));
    assert.deepEqual(idsOf(await walk(world, { takenFrom: at(9) })), ids.slice(0, 1));
    assert.deepEqual(idsOf(await walk(world, { takenTo: at(0) })), ids.slice(9));
  });

  inside('with albums only what is in one of them, each once', async (world) => {
    const [d = '', c = '', b = '', a = ''] = await addPhotos(world, 4);
    const first = await world.addAlbum({ name: 'First', assets: [a, b] });
    const second = await world.addAlbum({ name: 'Second', assets: [b, d] });
    assert.deepEqual(idsOf(await walk(world, { albums: [first], limit: 1 })), [b, a]);
    assert.deepEqual(idsOf(await walk(world, { albums: [first, second], limit: 2 })), [d, b, a]);
    assert.deepEqual(idsOf(await walk(world, { albums: [] })), []);
    assert.deepEqual(idsOf(await walk(world)), [d, c, b, a]);
  });

  inside(
    'with people only what shows one of them, and with albums too what is in one of those as well',
    async (world) => {
      const [d = '', c = '', b = '', a = ''] = await addPhotos(world, 4);
      const anna = await world.addPerson({ name: 'Anna' });
      const ben = await world.addPerson({ name: 'Ben' });
      await world.recognise(anna, [a, c]);
      await world.recognise(ben, [c, d]);
      const album = await world.addAlbum({ name: 'Album', assets: [b, c] });
      assert.deepEqual(idsOf(await walk(world, { people: [anna] })), [c, a]);
      assert.deepEqual(idsOf(await walk(world, { people: [anna, ben], limit: 1 })), [d, c, a]);
      assert.deepEqual(idsOf(await walk(world, { people: [anna, ben], albums: [album] })), [c]);
    },
  );
}
