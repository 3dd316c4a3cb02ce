import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { choiceScene as scene } from '../support/immich-choice-scene.ts';

test('an album of an Immich is described, two of it once more as a try, and rolled back there too', async (t) => {
  const { immich, owner, add, start, run, refused, begin, ended, described, calls } = await scene(t);
  const ids = add(12);
  const [typed = ''] = ids;
  immich.editByPerson(typed, 'Grandma at the lake');
  const inAlbum = ids.slice(0, 7);
  const album = immich.addAlbum(owner, 'Été "24"', inAlbum);
  immich.addAlbum(owner, 'Winter', ids.slice(8));
  immich.addPerson(owner, 'Anna');
  const up = await start();
  assert.match(await refused('backfill', '--album', 'Sommer'), /No album "Sommer" is there\. There are:\n {2}Été "24"/);
  assert.match(
    await refused('backfill', '--person', 'Ben'),
    /No person with a name is called "Ben"\. There are:\n {2}Anna/,
  );
  assert.match(await refused('backfill', '2024/Norway'), /immich is an Immich library and has no folders.*--album/);
  assert.match(await refused('backfill', 'immich', '--glob', '2024/*'), /has none: --album <name>/);

  const plan = await run('backfill', '--album', 'ETE "24"', '--dry-run');
  assert.match(
    plan,
    /^Would do 6 of 6 photos that the wanted recipe has not described, in the album "Été "24"" of\s+immich/,
  );
  assert.equal(calls(), 0);
  const first = await begin('immich', '--album', 'ete "24"', '--limit', '4');
  assert.deepEqual([first.photos, first.wanted], [6, 4]);
  await up.until('four are written', async () => (await ended(first.backfill)) && described(ids).length === 5);
  assert.deepEqual(described(ids.slice(3)), ids.slice(3, 7));
  immich.changeAlbum(album, { name: 'Summer' });
  const rest = await begin('--album', 'Summer');
  await up.until('the rest is written', async () => (await ended(rest.backfill)) && described(inAlbum).length === 7);
  assert.deepEqual([described(ids), calls()], [inAlbum, 6]);
  assert.equal(immich.description(typed), 'Grandma at the lake');
  assert.match(await run('backfills', 'show', rest.backfill.slice(-8)), /in the album "Summer"/);

  const before = inAlbum.map((id) => immich.description(id));
  const again = await begin('--album', 'Summer', '--redo', 'model=scripted-vl', '--sample', '2');
  assert.deepEqual([again.photos, again.wanted], [6, 2]);
  const changed = () => inAlbum.filter((id, at) => immich.description(id) !== before[at]);
  await up.until('two are written once more', async () => (await ended(again.backfill)) && changed().length === 2);
  assert.equal(calls(), 8);
  assert.match(
    await run('backfills', 'rollback', again.backfill.slice(-8)),
    /2 photos have again .*\s*.*In immich: 2 texts taken back/s,
  );
  assert.deepEqual(
    inAlbum.map((id) => immich.description(id)),
    before,
  );
  await up.stop();
  assert.equal(calls(), 8);
});

test('photos with a person come before a backlog, also those that it has not reached', async (t) => {
  const all = { DARKROOM_MODE: 'combined', VISION_PROMPT: 'People: {{people}}.' };
  const { immich, owner, host, add, start, run, refused, described } = await scene(t, all);
  // Nothing is described while all the rest is said.
  await host.off();
  const anna = immich.addPerson(owner, 'Anna');
  // Newest first: the window of the backlog holds the last ten, and reaches none of the first twenty.
  const far = add(20, [anna]);
  const others = add(60);
  const near = add(10, [anna]);
  const up = await start();
  const windowIsFull = async () => (await up.counts()).open >= 60;
  await up.until('the window is full', windowIsFull);
  assert.match(await refused('prioritize', '--person', 'Ana', 'now'), /No person with a name is called "Ana"/);
  assert.match(
    await refused('prioritize', '--person', 'Anna'),
    /prioritize --album <name> <level>: a level is one of now/,
  );
  assert.match(await refused('prioritize', 'immich', '--person', 'Anna', 'soon'), /A level is one of .*not "soon"/);
  assert.match(await refused('prioritize', '2024/Norway', 'now'), /immich is an Immich library and has no folders/);

  const told = z.object({
    name: z.string(),
    photos: z.number(),
    moved: z.number(),
    started: z.number(),
    left: z.number(),
  });
  const prioritize = async (...args: string[]) => told.parse(JSON.parse(await run('prioritize', ...args, '--json')));
  const plan = await prioritize('immich', '--person', 'anna', 'now', '--dry-run');
  const name = 'Photos with Anna of immich';
  // Temporal counts what is open a moment late, and the window lets in a few more meanwhile.
  const { moved, started, ...rest } = plan;
  assert.deepEqual(rest, { name, photos: 30, left: 0 });
  assert.ok(moved >= near.length && moved + started === 30 && started > 0, JSON.stringify(plan));
  assert.deepEqual(await prioritize('--person', 'anna', 'now'), plan);
  const again = await prioritize('--person', 'anna', 'new');
  assert.deepEqual([again.moved + again.left, again.started], [30, 0]);

  await host.on();
  await up.until('all are written', () => described([...far, ...others, ...near]).length === 90, 480_000);
  const asked = host.calls.filter(({ prompt }) => prompt.startsWith('People'));
  const order = asked.map(({ prompt }) => (prompt.includes('Anna') ? 'a' : 'o')).join('');
  // A call or two may have been handed out before.
  assert.match(order, /^o{0,3}a{30}o+$/, order);
  await up.stop();
});
