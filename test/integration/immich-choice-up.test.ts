import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import type { LibraryCounts } from '../../domain/status.ts';
import { darkroom } from '../support/darkroom-command.ts';
import { running } from '../support/immich/running.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

const started = z.object({ backfill: z.string(), isNew: z.boolean(), photos: z.number(), wanted: z.number() });
const shown = z.object({ state: z.string(), taken: z.object({ total: z.number(), rewritten: z.number() }) });

/** An Immich of which, unless told, nothing is described by itself: what is chosen is all that happens. */
async function scene(t: TestContext, more: Readonly<Record<string, string>> = {}, firstByteMs = 20) {
  const immich = await running(t);
  const dataDir = path.join(await temporaryFolder(t), 'data');
  let calls = 0;
  const answer = () => ({ text: `answer ${(calls += 1)}`, firstByteMs });
  const host = await startScriptedHost({ answer });
  t.after(() => host.off());
  const env = {
    DARKROOM_DATA_DIR: dataDir,
    DARKROOM_MODE: 'monitor',
    IMMICH_API_URL: immich.url,
    IMMICH_API_KEY: immich.user.key,
    FIRST_LOOK: '0',
    IMMICH_PEOPLE_WAIT: '0s',
    IMMICH_POLL_SEC: '0',
    ...more,
  };
  const start = async () => {
    const up = await startUp(t, { folders: [], hosts: [host.url], dataDir, env: { ...env, VISION_MODEL: host.model } });
    await up.said(/^ready$/);
    const isKnown = ({ library }: LibraryCounts) => library.kind === 'immich';
    await up.until('its library is known', async () => (await up.query((queries) => queries.counts())).some(isKnown));
    return up;
  };
  const run = async (...args: string[]) => {
    const ended = await darkroom(args, env);
    assert.equal(ended.code, 0, `${args.join(' ')}: ${ended.err}`);
    return ended.out;
  };
  const refused = async (...args: string[]) => {
    const { code, err } = await darkroom(args, env);
    assert.equal(code, 2, `${args.join(' ')}: ${err}`);
    return err;
  };
  const begin = async (...args: string[]) => started.parse(JSON.parse(await run('backfill', ...args, '--json')));
  const ended = async (backfill: string) => {
    const { state, taken } = shown.parse(JSON.parse(await run('backfills', 'show', backfill, '--json')));
    return state === 'finished' && taken.rewritten === taken.total;
  };
  const { id: owner } = immich.user;
  const add = (count: number, people: readonly string[] = []) =>
    immich.addAssets(owner, count, { createdAt: Date.UTC(2024), people });
  const described = (ids: readonly string[]) => ids.filter((id) => immich.description(id) !== '');
  return { immich, owner, dataDir, add, start, run, refused, begin, ended, described, host, calls: () => calls };
}

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

test("kill -9 of everything and the loss of Temporal's files: the chosen photos are described, so many and once", async (t) => {
  const { immich, owner, dataDir, add, start, begin, ended, described, calls } = await scene(t, {}, 60);
  const ids = add(90);
  const inAlbum = ids.slice(5, 81);
  const album = immich.addAlbum(owner, 'Trip', inAlbum);
  const first = await start();
  const { backfill, photos } = await begin('--album', 'trip', '--limit', '70');
  assert.equal(photos, 76);
  // More than the window holds: the choice itself is not through either.
  await first.until('some are written', () => described(ids).length >= 6);
  for (const name of ['temporal', 'postgres', 'engine']) process.kill(await first.pid(name), 'SIGKILL');
  await first.kill();
  await rm(path.join(dataDir, 'temporal'), { recursive: true });
  const [before, called] = [described(ids).length, calls()];
  assert.ok(before < 64, `${before} were written before the kill`);
  // The album goes on living, and is not called so any more.
  const added = ids.slice(81, 84);
  immich.changeAlbum(album, { name: 'Norway', assetIds: [...inAlbum, ...added] });

  const second = await start();
  const isOver = async () => described(ids).length === 70 && (await ended(backfill));
  await second.until('as many as were wanted are written', isOver, 180_000);
  const everInAlbum = new Set([...inAlbum, ...added]);
  assert.deepEqual(
    described(ids).filter((id) => !everInAlbum.has(id)),
    [],
  );
  await second.stop();
  assert.equal(described(ids).length, 70);
  assert.ok(
    calls() <= 71,
    `${calls()} calls, ${called} of them before the kill: only the one in flight may be made again`,
  );
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
  assert.deepEqual(plan, { name, photos: 30, moved: near.length, started: far.length, left: 0 });
  assert.deepEqual(await prioritize('--person', 'anna', 'now'), plan);
  const again = await prioritize('--person', 'anna', 'new');
  assert.deepEqual([again.moved + again.left, again.started], [30, 0]);

  await host.on();
  await up.until('all are written', () => described([...far, ...others, ...near]).length === 90, 180_000);
  const asked = host.calls.filter(({ prompt }) => prompt.startsWith('People'));
  const order = asked.map(({ prompt }) => (prompt.includes('Anna') ? 'a' : 'o')).join('');
  // A call or two may have been handed out before.
  assert.match(order, /^o{0,3}a{30}o+$/, order);
  await up.stop();
});
