import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { connect } from '../../adapters/postgres/connection.ts';
import { createSelectionQueries } from '../../adapters/postgres/selections.ts';
import { standings } from '../../domain/prioritize.ts';
import { darkroom } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { done, finished, hashOf, parked, sampleDescription, sampleFile, sampleKey } from '../support/store-samples.ts';
import { migratedDatabase } from '../support/stores.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { photosOf } from '../support/temporal-of.ts';
import { startUp } from '../support/up.ts';

test('photos below a folder are told by what there is to do about them, and no others', async (t) => {
  const { address } = await migratedDatabase();
  const database = connect(address, { max: 2 });
  t.after(() => database.close());
  const assets = createAssetStore({ database });
  const library = await assets.ensureLibrary({ name: 'pictures', root: '/p' });
  const other = await assets.ensureLibrary({ name: 'scans', root: '/s' });
  const names = ['new', 'waiting', 'done', 'old', 'parked', 'gone', 'late'].map((name) => `a_%/${name}.jpg`);
  const files = [...names.map((name) => sampleFile(name)), sampleFile('a_%/x.cr3', { kind: 'unsupported' })];
  const around = ['a_%x/no.jpg', 'abc/no.jpg', 'b/a_%/no.jpg', 'a_%.jpg'].map((name) => sampleFile(name));
  const [, waiting, described, old, broken, gone] = await assets.register(library, [...files, ...around], '');
  await assets.register(other, [sampleFile('a_%/no.jpg')], '');
  assert.ok(waiting && described && old && broken && gone);
  await assets.markWaiting(waiting.asset.assetId, 'it grows');
  await assets.finishRun(finished(described.asset, done('x')));
  const key = sampleKey('x', 'older');
  await assets.finishRun(finished(old.asset, { outcome: 'done', key, description: sampleDescription('x') }));
  await assets.finishRun(finished(broken.asset, parked()));
  await assets.finishRun(finished(gone.asset, { outcome: 'gone', why: 'deleted' }));

  const selections = createSelectionQueries({ database });
  const selection = { kind: 'folders', folders: [{ libraryId: library.id, prefix: 'a_%/' }] } as const;
  const wantedHash = hashOf('recipe');
  const counts = { running: 1, fresh: 3, parked: 1, described: 1, gone: 1, unsupported: 1 };
  assert.deepEqual(await selections.count(selection, wantedHash), counts);
  assert.deepEqual(await selections.count(selection, undefined), { ...counts, fresh: 2, described: 2 });

  const seen: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await selections.page(selection, { of: ['fresh', 'running'], wantedHash, after, limit: 2 });
    seen.push(...page.map(({ asset, state }) => `${asset.library} ${asset.path} ${state}`));
    after = page.at(-1)?.asset.assetId;
    if (after === undefined) break;
  }
  const expected = ['late.jpg new', 'new.jpg new', 'old.jpg done', 'waiting.jpg waiting'];
  assert.deepEqual(
    seen,
    expected.map((name) => `pictures a_%/${name}`),
  );
  const one = { kind: 'photo', assetId: broken.asset.assetId } as const;
  assert.equal((await selections.count(one, wantedHash)).parked, 1);
  const [photo] = await selections.page(one, { of: standings, wantedHash, after: undefined, limit: 5 });
  assert.equal(Buffer.from(photo?.rawPath ?? []).toString(), 'a_%/parked.jpg');
});

const folders = { a: 40, b: 20, c: 30 };

test('folders out of the middle of a backlog come first, also what the backlog has not reached', async (t) => {
  const home = await temporaryFolder(t);
  const [library, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  for (const [at, [name, count]] of Object.entries(folders).entries()) {
    await makePhotos(path.join(library, name), count, 0, { width: 320 + 10 * at });
  }
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 250 }) });
  t.after(() => host.off());
  const env = { VISION_PROMPT: 'Folder {{folder}}.' };
  const up = await startUp(t, { folders: [library], hosts: [host.url], dataDir, env });
  const photos = await photosOf(t, up);
  const prioritize = async (...args: string[]) => {
    const ended = await darkroom(['prioritize', ...args, '--json'], { DARKROOM_DATA_DIR: dataDir });
    assert.equal(ended.code, 0, ended.err);
    const { moved, started, left, photos: all } = JSON.parse(ended.out);
    return { moved, started, left, all };
  };
  const order = () => host.calls.map(({ prompt }) => prompt.charAt(7)).join('');
  const windowIsFull = async () => (await photos.countOpen()) >= 60 && (await up.counts()).open >= 60;
  await up.until('the window is full', windowIsFull);
  assert.match(order(), /^a+$/);

  const before = await prioritize('c', 'now', '--dry-run');
  assert.ok(before.started > 0 && before.moved + before.started === 30, JSON.stringify(before));
  assert.deepEqual(await prioritize(path.join(library, 'b'), 'now'), { moved: 20, started: 0, left: 0, all: 20 });
  const movedAt = order().length;
  const c = await prioritize('c', 'now');
  assert.ok(c.started > 0 && c.moved > 0 && c.moved + c.started === 30, JSON.stringify(c));

  await up.until('all are described', async () => (await up.counts()).done === 90);
  const asked = order();
  // The call under way and one that was handed out already may belong to the others.
  assert.ok(asked.indexOf('b') <= movedAt + 2, asked);
  const [, block = ''] = /^a+(b[abc]*c)a+$/.exec(asked) ?? [];
  assert.ok(block.length >= 50 && block.length <= 53, asked);
  assert.match(block.replaceAll('a', ''), /^b{20}c{30}$/);
  assert.equal(host.total.calls, 90);
  for (const { calls } of host.pictures.values()) assert.equal(calls, 1, 'one call for each picture');

  await t.test('what is done is left alone, and words are checked', async () => {
    assert.deepEqual(await prioritize('a/IMG_0001.jpg', 'now'), { moved: 0, started: 0, left: 1, all: 1 });
    assert.equal(await photos.raise('asset/library/a/IMG_0001.jpg', 1), false);
    assert.equal(await photos.raise('asset/library/no-such.jpg', 1), false);
    const run = (...args: string[]) => darkroom(['prioritize', ...args], { DARKROOM_DATA_DIR: dataDir });
    assert.equal((await run('a', 'soon')).code, 2);
    assert.match((await run('no-such', 'now')).err, /No photo or folder "no-such" is known/);
    assert.equal(
      (await run('b', 'last')).out,
      'b: 0 moved behind everything else, 0 started, 20 left alone (20 described)\n',
    );
  });
});
