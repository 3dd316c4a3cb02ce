import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { connect } from '../../adapters/postgres/connection.ts';
import { createSelectionQueries } from '../../adapters/postgres/selections.ts';
import { standings } from '../../domain/prioritize.ts';
import { darkroom } from '../support/darkroom-command.ts';
import { makeJpeg, makePhotos } from '../support/photos.ts';
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
  const wanted = { usual: hashOf('recipe'), libraries: {} };
  const counts = { running: 1, fresh: 3, parked: 1, described: 1, gone: 1, unsupported: 1, skipped: 0 };
  assert.deepEqual(await selections.count(selection, wanted), counts);
  assert.deepEqual(await selections.count(selection, undefined), { ...counts, fresh: 2, described: 2 });

  const here = { usual: hashOf('usual'), libraries: { pictures: hashOf('recipe'), other: hashOf('other') } };
  assert.deepEqual(await selections.count(selection, here), counts, 'each library wants its own recipe');

  const seen: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await selections.page(selection, { of: ['fresh', 'running'], wanted, after, limit: 2 });
    seen.push(...page.map(({ asset, state }) => `${asset.library} ${asset.path} ${state}`));
    after = page.at(-1)?.asset.assetId;
    if (after === undefined) break;
  }
  const expected = ['late.jpg new', 'new.jpg new', 'old.jpg done', 'waiting.jpg waiting'];
  assert.deepEqual(
    seen,
    expected.map((name) => `pictures a_%/${name}`),
  );
  const none = { running: 0, fresh: 0, parked: 0, described: 0, gone: 0, unsupported: 0, skipped: 0 };
  const one = { kind: 'photo', assetId: broken.asset.assetId } as const;
  assert.equal((await selections.count(one, wanted)).parked, 1);
  const some = { kind: 'photos', assetIds: [old.asset.assetId, gone.asset.assetId, 'no id'] } as const;
  assert.deepEqual(await selections.count(some, wanted), { ...none, fresh: 1, gone: 1 });
  const [outdated, ...others] = await selections.page(some, { of: ['fresh'], wanted, after: undefined, limit: 5 });
  assert.deepEqual([outdated?.asset.path, others], ['a_%/old.jpg', []]);
  const [photo] = await selections.page(one, { of: standings, wanted, after: undefined, limit: 5 });
  assert.equal(Buffer.from(photo?.rawPath ?? []).toString(), 'a_%/parked.jpg');
});

/** The window of the backlog ends in c; its first page of 100 ends there too, so that d is in no table yet. */
const folders = { a: 30, b: 20, c: 60, d: 20 };

test('folders out of the middle of a backlog come first, also what the backlog has not reached', async (t) => {
  const home = await temporaryFolder(t);
  const [library, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  for (const [at, [name, count]] of Object.entries(folders).entries()) {
    await makePhotos(path.join(library, name), count, 0, { width: 320 + 10 * at });
  }
  await writeFile(path.join(library, 'd', 'left-out.jpg'), await makeJpeg(1));
  // One call is under way while all the rest is said.
  let asked = 0;
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: (asked += 1) === 1 ? 20_000 : 50 }) });
  t.after(() => host.off());
  const env = { VISION_PROMPT: 'Folder {{folder}}.', DARKROOM_IGNORE: '**/left-out*' };
  const up = await startUp(t, { folders: [library], hosts: [host.url], dataDir, env });
  const photos = await photosOf(t, up);
  const prioritize = async (...args: string[]) => {
    const ended = await darkroom(['prioritize', ...args, '--json'], { DARKROOM_DATA_DIR: dataDir });
    assert.equal(ended.code, 0, ended.err);
    const { moved, started, left, photos: all, troubles } = JSON.parse(ended.out);
    assert.deepEqual(troubles, []);
    return { moved, started, left, all };
  };
  const order = () => host.calls.map(({ prompt }) => prompt.charAt(7)).join('');
  const windowIsFull = async () => (await photos.countOpen()) >= 60 && (await up.counts()).open >= 60;
  await up.until('the window is full', windowIsFull);
  const known = Object.values(await up.counts()).reduce((sum, count) => sum + count, 0);
  assert.deepEqual([known, /^a+$/.test(order())], [100, true]);

  const [waiting] = await up.query((queries) => queries.findByPath('b/IMG_0000.jpg', 1));
  assert.ok(waiting);
  const runOf = async () => (await photos.stage('asset/library/b/IMG_0000.jpg'))?.runId;
  const run = await runOf();
  assert.equal(await photos.startNew({ ...waiting, priority: 5 }), false, 'a run is open');
  assert.equal(await runOf(), run);

  assert.deepEqual(await prioritize(path.join(library, 'b'), 'now'), { moved: 20, started: 0, left: 0, all: 20 });
  const movedAt = order().length;
  assert.deepEqual(await prioritize('d', 'now', '--dry-run'), { moved: 0, started: 20, left: 0, all: 20 });
  assert.deepEqual(await prioritize('d', 'now'), { moved: 0, started: 20, left: 0, all: 20 });

  await up.until('all are described', async () => (await up.counts()).done === 130);
  const all = order();
  // The call under way and one that was handed out already may belong to the others.
  assert.ok(all.indexOf('b') <= movedAt + 2, all);
  const [, block = ''] = /^a+(b[abcd]*d)[ac]+$/.exec(all) ?? [];
  assert.ok(block.length >= 40 && block.length <= 43, all);
  assert.match(block.replaceAll(/[ac]/g, ''), /^b{20}d{20}$/);
  assert.equal(host.total.calls, 130);
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
