import assert from 'node:assert/strict';
import type { ImmichWorld } from '../support/immich-world.ts';
import { assetIn, inWorld, patience } from '../support/in-world.ts';

type MakeWorld = () => Promise<ImmichWorld>;

/** Whose photos these are, and what Immich knows of people, tags and albums. */
export function immichAccountSuite(makeWorld: MakeWorld): void {
  account(makeWorld);
  peopleAndTags(makeWorld);
}

function account(makeWorld: MakeWorld): void {
  const inside = inWorld(makeWorld);

  inside('the account says whose photos these are and which Immich holds them', async (world) => {
    await world.library.ping(patience());
    const { userId, userName, version, recognisesFaces } = await world.library.account(patience());
    assert.deepEqual(
      { userId, userName, version, recognisesFaces },
      { userId: world.userId, userName: world.userName, version: world.version, recognisesFaces: true },
    );
  });

  inside('albums and people are listed by name, without the unnamed and the hidden', async (world) => {
    const photo = await world.addAsset();
    const holidays = await world.addAlbum({ name: 'Holidays', assets: [photo] });
    const empty = await world.addAlbum({ name: 'Nothing yet', assets: [] });
    const anna = await world.addPerson({ name: 'Anna' });
    const nobody = await world.addPerson({ name: '' });
    const ghost = await world.addPerson({ name: 'Ghost', isHidden: true });
    for (const person of [anna, nobody, ghost]) await world.recognise(person, [photo]);
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    assert.deepEqual([...(await world.library.albums(patience()))].sort(byName), [
      { id: holidays, name: 'Holidays' },
      { id: empty, name: 'Nothing yet' },
    ]);
    assert.deepEqual(await world.library.people(patience()), [{ id: anna, name: 'Anna' }]);
  });
}

function peopleAndTags(makeWorld: MakeWorld): void {
  const inside = inWorld(makeWorld);

  inside('people are told by name and birth date, without the unnamed and the hidden', async (world) => {
    const id = await world.addAsset();
    const anna = await world.addPerson({ name: ' Anna ', birthDate: '1984-02-29' });
    const ben = await world.addPerson({ name: 'Ben' });
    const nobody = await world.addPerson({ name: '' });
    const ghost = await world.addPerson({ name: 'Ghost', isHidden: true });
    for (const person of [anna, ben, nobody, ghost]) await world.recognise(person, [id]);
    const people = [...(await assetIn(world, id)).people].sort((a, b) => a.name.localeCompare(b.name));
    assert.deepEqual(people, [{ name: 'Anna', birthDate: '1984-02-29' }, { name: 'Ben' }]);
    await world.renamePerson(nobody, 'Cleo');
    assert.ok((await assetIn(world, id)).people.some(({ name }) => name === 'Cleo'));
  });

  inside('a person with two faces on one photo is one person', async (world) => {
    const id = await world.addAsset();
    const anna = await world.addPerson({ name: 'Anna' });
    await world.recognise(anna, [id]);
    await world.recognise(anna, [id]);
    assert.deepEqual((await assetIn(world, id)).people, [{ name: 'Anna' }]);
  });

  inside('tags are told by their full path, and albums by their names', async (world) => {
    const id = await world.addAsset();
    const other = await world.addAsset();
    await world.tag(id, ['family/summer', 'beach']);
    await world.addAlbum({ name: 'Summer 2024', assets: [id, other] });
    await world.addAlbum({ name: 'Best of', assets: [id] });
    await world.addAlbum({ name: 'Another', assets: [other] });
    assert.deepEqual([...(await assetIn(world, id)).tags].sort(), ['beach', 'family/summer']);
    assert.deepEqual([...(await world.library.albumsOf(id, patience()))].sort(), ['Best of', 'Summer 2024']);
  });
}
