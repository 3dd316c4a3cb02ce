import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { darkroom } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

const started = z.object({ backfill: z.string(), isNew: z.boolean(), photos: z.number(), wanted: z.number() });
const shown = z.object({
  state: z.string(),
  taken: z.object({
    total: z.number(),
    rewritten: z.number(),
    photos: z.array(
      z.object({ before: z.object({ text: z.string() }), now: z.object({ text: z.string() }).optional() }),
    ),
  }),
});
const exported = z.object({ description: z.string() });

async function textsOf(env: Readonly<Record<string, string>>): Promise<string[]> {
  const { out } = await darkroom(['export'], env);
  const lines = out.trim().split('\n');
  return lines.map((line) => exported.parse(JSON.parse(line)).description);
}

test('what a model wrote is written once more, two photos first, then all, and rolled back', async (t) => {
  const home = await temporaryFolder(t);
  const [library, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(path.join(library, 'a'), 4);
  await makePhotos(path.join(library, 'b'), 2, 0, { width: 400 });
  let calls = 0;
  const host = await startScriptedHost({ answer: () => ({ text: `answer ${(calls += 1)}` }) });
  t.after(() => host.off());
  const up = await startUp(t, { folders: [library], hosts: [host.url], dataDir, env: { VISION_MODEL: host.model } });
  await up.until('all are described', async () => (await up.counts()).done === 6, 60_000);
  assert.equal(calls, 6);

  const env = { DARKROOM_DATA_DIR: dataDir };
  const texts = () => textsOf(env);
  const ended = async (id: string) => {
    await up.until('the backfill has ended', async () => {
      const { out } = await darkroom(['backfills', 'show', id, '--json'], env);
      const { state, taken } = shown.parse(JSON.parse(out));
      return state === 'finished' && taken.rewritten === taken.total;
    });
    return shown.parse(JSON.parse((await darkroom(['backfills', 'show', id, '--json'], env)).out));
  };
  const before = (await texts()).toSorted();
  const redo = ['backfill', '--redo', `model=${host.model}`];

  const plan = await darkroom([...redo, '--dry-run'], env);
  assert.equal(plan.code, 0, plan.err);
  assert.match(plan.out, /^Would do 6 of 6 photos described by/);
  assert.match(plan.out, /tokens/);
  assert.equal(calls, 6, 'a dry run asked a model');

  const canary = started.parse(JSON.parse((await darkroom([...redo, '--sample', '2', '--json'], env)).out));
  assert.deepEqual(
    { photos: canary.photos, wanted: canary.wanted, isNew: canary.isNew },
    { photos: 6, wanted: 2, isNew: true },
  );
  const tried = await ended(canary.backfill);
  assert.equal(calls, 8);
  assert.equal(tried.taken.total, 2);
  for (const { before: was, now } of tried.taken.photos) assert.ok(before.includes(was.text) && now?.text !== was.text);

  const rest = started.parse(JSON.parse((await darkroom([...redo, '--json'], env)).out));
  await ended(rest.backfill);
  assert.equal(calls, 14);
  assert.ok((await texts()).every((text) => !before.includes(text)));

  for (const { backfill } of [rest, canary]) {
    const back = await darkroom(['backfills', 'rollback', backfill.slice(-8)], env);
    assert.equal(back.code, 0, back.err);
    assert.match(back.out, /photos have again the text they had before/);
  }
  assert.deepEqual((await texts()).toSorted(), before);
  assert.match((await darkroom(['backfills'], env)).out, /finished/);
  await up.stop();
  assert.equal(calls, 14);
});

test('what is named wrongly is refused, with what can be written instead', async (t) => {
  const home = await temporaryFolder(t);
  const [library, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(library, 1);
  const host = await startScriptedHost();
  t.after(() => host.off());
  const up = await startUp(t, { folders: [library], hosts: [host.url], dataDir, env: { VISION_MODEL: host.model } });
  await up.until('it is described', async () => (await up.counts()).done === 1, 60_000);
  const env = { DARKROOM_DATA_DIR: dataDir };
  const wrong: readonly (readonly [string[], RegExp])[] = [
    [['backfill', 'nowhere'], /neither a library nor a folder of one\. Libraries: library/],
    [['backfill', '--only', 'some'], /--only is undescribed, faceless, parked/],
    [['backfill', '--redo', 'model'], /--redo is people, model=<name>/],
    [['backfill', '--redo', 'recipe=zz'], /at least 4 hex digits/],
    [['backfill', '--from', 'May'], /--from is a year, a month or a day/],
    [['backfill', '--only', 'parked', '--redo', 'model=x'], /exclude each other/],
    [['backfill', '--limit', '0'], /whole number from 1 on/],
    [['backfills', 'pause'], /Which one\?/],
    [['backfills', 'pause', 'library'], /No backfill that runs is called library/],
    [['backfills', 'show', 'ffffffff'], /No backfill is called ffffffff/],
    [['backfills', 'prioritize', 'library', 'soon'], /A level is one of now, new, normal, last/],
  ];
  for (const [args, message] of wrong) {
    const { code, err } = await darkroom(args, env);
    assert.equal(code, 2, `${args.join(' ')}: ${err}`);
    assert.match(err, message);
  }
  await up.stop();
});

test('with another prompt, texts of the former one are kept until asked for, and come back with it at no call', async (t) => {
  const home = await temporaryFolder(t);
  const [library, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(library, 5);
  let calls = 0;
  const host = await startScriptedHost({
    answer: ({ prompt }) => ({ text: `${prompt.split('.')[0]} ${(calls += 1)}` }),
  });
  t.after(() => host.off());
  const upWith = async (prompt: string, outdated: 'keep' | 'redo') => {
    const settings = { VISION_MODEL: host.model, VISION_PROMPT: prompt, DARKROOM_OUTDATED: outdated };
    const up = await startUp(t, { folders: [library], hosts: [host.url], dataDir, env: settings });
    await up.said(/^ready$/);
    return up;
  };
  const env = { DARKROOM_DATA_DIR: dataDir };
  const texts = () => textsOf(env);
  const first = await upWith('First.', 'keep');
  await first.until('all are described', async () => (await first.counts()).done === 5, 60_000);
  const former = (await texts()).toSorted();
  await first.stop();

  const second = await upWith('Second.', 'keep');
  // First of all means first, and not once more.
  assert.equal((await darkroom(['prioritize', library, 'now'], env)).code, 0);
  const { out } = await darkroom(['backfill', '--limit', '2', '--json'], env);
  assert.deepEqual(
    { ...started.parse(JSON.parse(out)), backfill: '' },
    { backfill: '', isNew: true, photos: 5, wanted: 2 },
  );
  const isSecond = (text: string) => text.startsWith('Second');
  await second.until('two are written once more', async () => (await texts()).filter(isSecond).length === 2);
  await second.stop();
  assert.equal(calls, 7, 'a pass wrote more than was asked for');

  const back = await upWith('First.', 'redo');
  await back.until('the former texts are back', async () => !(await texts()).some(isSecond));
  assert.deepEqual((await texts()).toSorted(), former);
  await back.stop();
  assert.equal(calls, 7, 'the former texts were paid for twice');
});
