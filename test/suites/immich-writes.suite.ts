import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import type { Provenance } from '../../domain/immich.ts';
import type { ImmichWorld, WorldKind } from '../support/immich-world.ts';
import { assetIn, inWorld, patience } from '../support/in-world.ts';

type MakeWorld = () => Promise<ImmichWorld>;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const provenanceOf = (text: string): Provenance => ({
  recipe: hashOf('recipe'),
  model: 'qwen3-vl:4b-instruct-q4_K_M',
  textSha: hashOf(text),
  at: '2026-11-21T20:00:00.000Z',
});

/** Descriptions, what is left beside them, and tags. */
export function immichWriteSuite(makeWorld: MakeWorld, kind: WorldKind): void {
  descriptions(makeWorld, kind);
  provenances(makeWorld);
  tags(makeWorld);
}

function descriptions(makeWorld: MakeWorld, { compares }: WorldKind): void {
  const inside = inWorld(makeWorld);
  const write = ({ library }: ImmichWorld, id: string, text: string, seen: string) =>
    library.writeDescription({ id, text, seen, signal: patience() });

  inside('a text is written as it is, and is still there when Immich has done its own work', async (world) => {
    const texts = ['$20 for $name and $& and $1', 'Ærlig 🏔 “quoted” \\ "double"', 'First line.\n\nSecond line.'];
    for (const text of texts) {
      const id = await world.addAsset();
      assert.equal(await write(world, id, text, ''), 'written');
      await world.settle();
      assert.equal((await assetIn(world, id)).description, text);
    }
  });

  inside('a text of 60 KB is written whole', async (world) => {
    const text = Array.from({ length: 2_000 }, (_, index) => `Sentence number ${index} of many.`)
      .join(' ')
      .slice(0, 60_000);
    const id = await world.addAsset();
    assert.equal(await write(world, id, text.trim(), ''), 'written');
    assert.equal((await assetIn(world, id)).description, text.trim());
  });

  inside('writing the same text twice is harmless, and an empty one clears the field', async (world) => {
    const id = await world.addAsset({ description: 'Before.' });
    assert.equal(await write(world, id, 'After.', 'Before.'), 'written');
    assert.equal(await write(world, id, 'After.', 'After.'), 'written');
    assert.equal((await assetIn(world, id)).description, 'After.');
    assert.equal(await write(world, id, '', 'After.'), 'written');
    assert.equal((await assetIn(world, id)).description, '');
  });

  inside('nothing else of the asset changes', async (world) => {
    const id = await world.addAsset({ exif: { rating: 3, city: 'Oslo', timeZone: 'UTC' }, visibility: 'archive' });
    const { description: _before, updatedAt: _then, ...before } = await assetIn(world, id);
    await write(world, id, 'A text.', '');
    await world.settle();
    const { description, updatedAt: _now, ...after } = await assetIn(world, id);
    assert.equal(description, 'A text.');
    assert.deepEqual(after, before);
  });

  inside('an asset that is gone cannot be written to', async (world) => {
    const id = await world.addAsset();
    await world.remove(id);
    assert.equal(await write(world, id, 'A text.', ''), 'gone');
    assert.equal(await write(world, randomUUID(), 'A text.', ''), 'gone');
  });

  inside("a partner's photo cannot be written to", async (world) => {
    const id = await world.addAsset({ owner: 'partner', description: 'Theirs.' });
    assert.equal(await write(world, id, 'Ours.', 'Theirs.'), 'gone');
    assert.equal(await world.descriptionOf(id), 'Theirs.');
  });

  if (compares) {
    inside('where the text is not the one that was seen, nothing is written', async (world) => {
      const id = await world.addAsset({ description: 'Seen.' });
      await world.editByPerson(id, 'Typed meanwhile.');
      assert.equal(await write(world, id, 'Ours.', 'Seen.'), 'differs');
      assert.equal(await world.descriptionOf(id), 'Typed meanwhile.');
      assert.equal(await write(world, id, 'Ours.', 'Typed meanwhile.'), 'written');
    });
  }

  inside('what a person types is read at the next look', async (world) => {
    const id = await world.addAsset({ description: 'Before.' });
    await world.editByPerson(id, 'Typed.');
    assert.equal((await assetIn(world, id)).description, 'Typed.');
    assert.equal(await world.descriptionOf(id), 'Typed.');
  });
}

function provenances(makeWorld: MakeWorld): void {
  const inside = inWorld(makeWorld);

  inside('what is left beside a text comes back, is replaced, and is taken away', async (world) => {
    const { library } = world;
    const id = await world.addAsset();
    assert.equal(await library.provenance(id, patience()), undefined);
    await library.writeProvenance([{ id, provenance: provenanceOf('one') }], patience());
    assert.deepEqual(await library.provenance(id, patience()), provenanceOf('one'));
    const withPart = { ...provenanceOf('two'), partSha: hashOf('part') };
    await library.writeProvenance([{ id, provenance: withPart }], patience());
    assert.deepEqual(await library.provenance(id, patience()), withPart);
    await library.writeProvenance([{ id, provenance: undefined }], patience());
    assert.equal(await library.provenance(id, patience()), undefined);
    await library.writeProvenance([{ id, provenance: undefined }], patience());
  });

  inside('for many at once, those that are gone are passed over', async (world) => {
    const { library } = world;
    const ids = await Promise.all(Array.from({ length: 6 }, () => world.addAsset()));
    const [gone = '', cleared = '', ...kept] = ids;
    await library.writeProvenance([{ id: cleared, provenance: provenanceOf('old') }], patience());
    await world.remove(gone);
    const items = [gone, randomUUID(), ...kept].map((id) => ({ id, provenance: provenanceOf(id) }));
    await library.writeProvenance([...items, { id: cleared, provenance: undefined }], patience());
    for (const id of kept) assert.deepEqual(await library.provenance(id, patience()), provenanceOf(id));
    assert.equal(await library.provenance(cleared, patience()), undefined);
    await library.writeProvenance([], patience());
  });

  inside('what was written in several calls at the same moment is all there', async (world) => {
    const ids = await Promise.all(Array.from({ length: 12 }, () => world.addAsset()));
    await Promise.all(
      ids.map((id) => world.library.writeProvenance([{ id, provenance: provenanceOf(id) }], patience())),
    );
    for (const id of ids) assert.deepEqual(await world.library.provenance(id, patience()), provenanceOf(id));
  });

  inside('it survives that Immich reads the file again', async (world) => {
    const id = await world.addAsset();
    await world.library.writeProvenance([{ id, provenance: provenanceOf('a') }], patience());
    await world.library.writeDescription({ id, text: 'A text.', seen: '', signal: patience() });
    await world.settle();
    assert.deepEqual(await world.library.provenance(id, patience()), provenanceOf('a'));
  });
}

function tags(makeWorld: MakeWorld): void {
  const inside = inWorld(makeWorld);

  inside('tags are made where they are missing, and those of a person stay', async (world) => {
    const id = await world.addAsset();
    await world.tag(id, ['family']);
    await world.library.addTags(id, ['AI/beach', 'AI/sunset', 'family'], patience());
    await world.library.addTags(id, ['AI/beach'], patience());
    await world.library.addTags(id, [], patience());
    await world.settle();
    assert.deepEqual([...(await world.tagsOf(id))].sort(), ['AI/beach', 'AI/sunset', 'family']);
    assert.deepEqual([...(await assetIn(world, id)).tags].sort(), ['AI/beach', 'AI/sunset', 'family']);
  });

  inside('whether there are tags at all is told', async (world) => {
    await world.addAsset();
    assert.equal(await world.library.hasTags(patience()), false);
  });

  inside('one tag on one photo is told as well', async (world) => {
    await world.addAsset();
    await world.tag(await world.addAsset(), ['family/Anna']);
    assert.equal(await world.library.hasTags(patience()), true);
  });

  inside('tags for an asset that is gone are no fault', async (world) => {
    const id = await world.addAsset();
    await world.remove(id);
    await world.library.addTags(id, ['AI/beach'], patience());
  });
}
