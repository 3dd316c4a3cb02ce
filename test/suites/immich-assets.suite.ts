import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ImmichWorld } from '../support/immich-world.ts';
import { assetIn, inWorld, patience } from '../support/in-world.ts';

type MakeWorld = () => Promise<ImmichWorld>;

/** One asset, read: what is known of it, and its preview. */
export function immichAssetSuite(makeWorld: MakeWorld): void {
  oneAsset(makeWorld);
  facts(makeWorld);
  previews(makeWorld);
}

function oneAsset(makeWorld: MakeWorld): void {
  const inside = inWorld(makeWorld);

  inside('an asset is told with its owner, its times and its size', async (world) => {
    const id = await world.addAsset({
      originalFileName: 'Søndag 🏔.jpg',
      fileBytes: 4_711_000,
      createdAt: Date.UTC(2026, 9, 2, 3, 4, 5),
      fileCreatedAt: Date.UTC(2024, 4, 31, 16, 4, 0),
      fileModifiedAt: Date.UTC(2024, 4, 31, 16, 5, 0),
      description: '  A text with room around it.\n',
    });
    const asset = await assetIn(world, id);
    const { checksum, updatedAt, facts, ...said } = asset;
    assert.deepEqual(said, {
      id,
      ownerId: world.userId,
      type: 'IMAGE',
      originalFileName: 'Søndag 🏔.jpg',
      isEdited: false,
      visibility: 'timeline',
      isTrashed: false,
      isOffline: false,
      createdAt: Date.UTC(2026, 9, 2, 3, 4, 5),
      fileCreatedAt: Date.UTC(2024, 4, 31, 16, 4, 0),
      fileModifiedAt: Date.UTC(2024, 4, 31, 16, 5, 0),
      fileBytes: 4_711_000,
      hasMetadata: true,
      hasPreview: true,
      description: 'A text with room around it.',
      people: [],
      tags: [],
    });
    assert.notEqual(checksum, '');
    assert.ok(Number.isFinite(updatedAt));
    assert.equal(facts.takenAt, '2024-05-31T16:04:00');
  });

  inside('what must not be described is told as it is', async (world) => {
    const video = await world.addAsset({ type: 'VIDEO' });
    const archived = await world.addAsset({ visibility: 'archive' });
    const moving = await world.addAsset({ visibility: 'hidden' });
    const away = await world.addAsset({ isOffline: true, isExternal: true });
    const trashed = await world.addAsset();
    await world.trash(trashed);
    assert.equal((await assetIn(world, video)).type, 'VIDEO');
    assert.equal((await assetIn(world, archived)).visibility, 'archive');
    assert.equal((await assetIn(world, moving)).visibility, 'hidden');
    assert.equal((await assetIn(world, away)).isOffline, true);
    assert.notEqual((await assetIn(world, away)).externalLibrary, undefined);
    assert.equal((await assetIn(world, trashed)).isTrashed, true);
  });

  inside('an asset that is deleted, or never was, is undefined', async (world) => {
    const id = await world.addAsset();
    await world.remove(id);
    assert.equal(await world.library.asset(id, patience()), undefined);
    assert.equal(await world.library.asset(randomUUID(), patience()), undefined);
    assert.equal(await world.library.preview({ id, isEdited: false }, patience()), undefined);
    assert.equal(await world.library.provenance(id, patience()), undefined);
    assert.deepEqual(await world.library.albumsOf(id, patience()), []);
  });
}

function facts(makeWorld: MakeWorld): void {
  const inside = inWorld(makeWorld);

  inside('all that is known of how a photo was made is told in words', async (world) => {
    const id = await world.addAsset({
      fileCreatedAt: Date.UTC(2024, 4, 31, 16, 4, 0),
      localDateTime: Date.UTC(2024, 4, 31, 18, 4, 0),
      exif: {
        timeZone: 'Europe/Rome',
        make: 'Canon',
        model: 'Canon EOS R6',
        lensModel: 'RF24-105mm F4 L IS USM',
        exposureTime: '1/120',
        fNumber: 1.8,
        iso: 200,
        focalLength: 26,
        latitude: 42.8496,
        longitude: 10.7673,
        city: 'Cala Violina',
        state: 'Tuscany',
        country: 'Italy',
        rating: 4,
      },
    });
    assert.deepEqual((await assetIn(world, id)).facts, {
      takenAt: '2024-05-31T18:04:00',
      camera: 'Canon EOS R6',
      lens: 'RF24-105mm F4 L IS USM',
      exposure: 'f/1.8, 1/120 s, ISO 200, 26 mm',
      latitude: 42.8496,
      longitude: 10.7673,
      place: 'Cala Violina, Tuscany, Italy',
      rating: 4,
    });
  });

  inside('what is not known is left out, and a rating outside 1 to 5 is none', async (world) => {
    const taken = Date.UTC(2020, 0, 1, 12, 0, 0);
    const rejected = await world.addAsset({ fileCreatedAt: taken, exif: { rating: -1, model: 'X100V', iso: 400 } });
    const unrated = await world.addAsset({ fileCreatedAt: taken, exif: { rating: 0, country: 'Norway' } });
    const takenAt = '2020-01-01T12:00:00';
    assert.deepEqual((await assetIn(world, rejected)).facts, { takenAt, camera: 'X100V', exposure: 'ISO 400' });
    assert.deepEqual((await assetIn(world, unrated)).facts, { takenAt, place: 'Norway' });
  });

  inside('of a file that Immich has not read yet nothing is known', async (world) => {
    const id = await world.addAsset({ isRead: false, preview: null });
    const { hasMetadata, hasPreview, description, facts } = await assetIn(world, id);
    assert.deepEqual(
      { hasMetadata, hasPreview, description, facts },
      { hasMetadata: false, hasPreview: false, description: '', facts: {} },
    );
  });
}

function previews(makeWorld: MakeWorld): void {
  const inside = inWorld(makeWorld);

  inside('a preview is the whole file, byte for byte, and undefined until it is there', async (world) => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 256));
    const id = await world.addAsset({ preview: null });
    assert.equal(await world.library.preview({ id, isEdited: false }, patience()), undefined);
    await world.makePreview(id, bytes);
    assert.equal((await assetIn(world, id)).hasPreview, true);
    assert.deepEqual(await world.library.preview({ id, isEdited: false }, patience()), bytes);
  });

  inside('of a photo that was edited in Immich the edited picture is given', async (world) => {
    const id = await world.addAsset({ preview: Buffer.from('as taken'), editedPreview: Buffer.from('as edited') });
    const asset = await assetIn(world, id);
    assert.equal(asset.isEdited, true);
    assert.deepEqual(await world.library.preview(asset, patience()), Buffer.from('as edited'));
  });
}
