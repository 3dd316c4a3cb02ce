import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { connect } from '../../adapters/postgres/connection.ts';
import { createFailureQueries } from '../../adapters/postgres/failures.ts';
import type { FailureFilter } from '../../domain/failures.ts';
import { darkroom, entry } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { done, finished, hashOf, parked, sampleFile, sampleKey } from '../support/store-samples.ts';
import { migratedDatabase } from '../support/stores.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { photosOf } from '../support/temporal-of.ts';
import { startUp } from '../support/up.ts';

async function someParked(t: TestContext) {
  const { address } = await migratedDatabase();
  const database = connect(address, { max: 2 });
  t.after(() => database.close());
  const assets = createAssetStore({ database });
  const failures = createFailureQueries({ database });
  let minute = 0;
  const park = async (library: string, name: string, code: string, step: string, recipe?: string) => {
    const record = await assets.ensureLibrary({ name: library, root: `/${library}` });
    const [photo] = await assets.register(record, [sampleFile(name)], hashOf('wanted'));
    if (photo === undefined) throw new Error('register answered nothing');
    const end = parked({ failure: { step, code, reason: `${name} is bad`, tries: [] } });
    const key = recipe === undefined ? {} : { key: sampleKey(name, recipe) };
    minute += 1;
    await assets.finishRun(finished(photo.asset, { ...end, ...key }, { endedAt: minute * 60_000 }));
    return photo.asset;
  };
  return { assets, failures, park };
}

test('parked photos are grouped by code, with the latest of each, and left out by what is asked for', async (t) => {
  const { assets, failures, park } = await someParked(t);
  await park('one', 'a.jpg', 'Refused', 'describe', 'wanted');
  await park('one', 'b.jpg', 'Refused', 'describe', 'old');
  const c = await park('two', 'c.jpg', 'Refused', 'describe', 'wanted');
  await park('two', 'd.jpg', 'TooLarge', 'fingerprint');
  await park('two', 'e.jpg', 'TooLarge', 'settle');
  const mended = await park('two', 'f.jpg', 'EmptyFile', 'settle');
  await assets.finishRun(finished(mended, done('f.jpg')));

  const groups = await failures.groups({}, 10);
  assert.deepEqual(
    groups.map(({ code, count, steps }) => ({ code, count, steps })),
    [
      { code: 'Refused', count: 3, steps: ['describe'] },
      { code: 'TooLarge', count: 2, steps: ['fingerprint', 'settle'] },
    ],
  );
  assert.deepEqual(groups[0]?.example, c);
  assert.deepEqual([groups[0]?.reason, groups[0]?.at], ['c.jpg is bad', 180_000]);
  assert.equal((await failures.groups({}, 1)).length, 1);

  const names = async (filter: FailureFilter) => (await failures.newest(filter, 10)).map(({ asset }) => asset.path);
  const recipe = (which: 'wanted' | 'other') => ({
    recipe: { which, wanted: { usual: hashOf('wanted'), libraries: {} } },
  });
  assert.deepEqual(await names({}), ['e.jpg', 'd.jpg', 'c.jpg', 'b.jpg', 'a.jpg']);
  assert.deepEqual(await names({ code: 'toolarge' }), ['e.jpg', 'd.jpg']);
  assert.deepEqual(await names({ code: 'TooLarge', step: 'settle' }), ['e.jpg']);
  assert.deepEqual(await names({ library: 'one' }), ['b.jpg', 'a.jpg']);
  assert.deepEqual(await names(recipe('wanted')), ['c.jpg', 'a.jpg']);
  // Each library wants its own recipe.
  const own = { usual: hashOf('usual'), libraries: { one: hashOf('wanted') } };
  assert.deepEqual(await names({ recipe: { which: 'wanted', wanted: own } }), ['a.jpg']);
  assert.deepEqual(await names(recipe('other')), ['b.jpg']);
  assert.equal(await failures.count({ library: 'two' }), 3);
  assert.equal(await failures.count({ code: "x' or true --" }), 0);
});

test('pages of parked photos have each once, also while some of them are mended', async (t) => {
  const { assets, failures, park } = await someParked(t);
  const all = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) all.push(await park('one', `${name}.jpg`, 'Refused', 'describe'));
  const seen: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await failures.page({}, { after, limit: 2 });
    for (const { asset, rawPath } of page) {
      assert.equal(Buffer.from(rawPath).toString(), asset.path);
      await assets.finishRun(finished(asset, done(asset.path)));
    }
    seen.push(...page.map(({ asset }) => asset.path));
    after = page.at(-1)?.asset.assetId;
    if (after === undefined) break;
  }
  assert.deepEqual(seen, ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg']);
  assert.equal(await failures.count({}), 0);
});

const bad = 100;

test('photos that were parked are described when the cause is gone, each once, whatever happens to the command', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(path.join(folder, 'good'), 3, 0, { width: 330 });
  await makePhotos(path.join(folder, 'bad'), bad);
  const host = await startScriptedHost({ answer: ({ prompt }) => (prompt.includes('in bad') ? { text: '' } : {}) });
  t.after(() => host.off());
  const env = { VISION_PROMPT: 'A photo in {{folder}}. What is there?' };
  const up = await startUp(t, { folders: [folder], hosts: [host.url], dataDir, env });
  const failures = (...args: string[]) => darkroom(['failures', ...args], { DARKROOM_DATA_DIR: dataDir, COLUMNS: '' });
  await up.until('all have an end', async () => {
    const { done, parked } = await up.counts();
    return done === 3 && parked === bad;
  });
  const photos = await photosOf(t, up);
  assert.equal(host.total.calls, 3 + 2 * bad);

  await t.test('they are listed by reason, and one is shown with all that is known of it', async () => {
    const listed = await failures();
    assert.equal(listed.code, 0, listed.err);
    assert.match(listed.out, new RegExp(`^${bad} photos need you\n\n${bad} EmptyAnswer, at describe, the latest `));
    const { total, groups } = JSON.parse((await failures('list', '--json', '--recipe', 'wanted')).out);
    assert.deepEqual([total, groups.length, groups[0].count], [bad, 1, bad]);
    assert.equal(
      (await failures('--recipe', 'other')).out,
      `No parked photo is like that. Parked are: ${bad} EmptyAnswer\n`,
    );
    const { out, code } = await failures('show', 'bad/IMG_0007.jpg');
    assert.equal(code, 0);
    assert.match(out, /^bad\/IMG_0007\.jpg {2}\(library, .*\)\nparked {2}at describe, .* ago \(20/);
    assert.match(out, new RegExp(`try 1 {3}EmptyAnswer on ${host.url}\ntry 2 {3}EmptyAnswer on ${host.url}`));
    assert.match(out, /recipe {2}[0-9a-f]{12}, the one in use: scripted-vl in en\n/);
    assert.match(out, /http:\/\/127\.0\.0\.1:\d+\/namespaces\/\S+IMG_0007\.jpg\n$/);
    const healthy = await failures('show', 'good/IMG_0001.jpg');
    assert.deepEqual(
      [healthy.code, healthy.err],
      [1, 'library/good/IMG_0001.jpg is not parked: it is done. See darkroom trace.\n'],
    );
  });

  await t.test('many are not tried again by a slip of the pen', async () => {
    const { code, err } = await failures('retry');
    assert.equal(code, 2);
    assert.match(err, new RegExp(`^That would try ${bad} photos again\\..*--yes`));
    assert.equal((await failures('retry', 'IMG_0001.jpg')).code, 2);
    assert.equal((await failures('retry', '--limit', '0')).code, 2);
  });

  host.script(() => ({}));
  await t.test('a few are tried and no others', async () => {
    const { code, out } = await failures('retry', '--limit', '4', '--json');
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), { found: 4, started: 4, open: 0, interrupted: false });
    await up.until('they are described', async () => (await up.counts()).done === 3 + 4);
    assert.equal(host.total.calls, 3 + 2 * bad + 4);
  });

  await t.test('killed in the middle and given again, it describes each of the others once', async () => {
    const before = host.total.calls;
    const child = spawn(process.execPath, [entry, 'failures', 'retry', '--yes'], {
      env: { ...process.env, DARKROOM_DATA_DIR: dataDir },
      stdio: 'ignore',
    });
    await up.until('the first of them is asked about', () => host.total.calls > before);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(child.signalCode, 'SIGKILL');
    await up.until('nothing is open', async () => (await photos.countOpen()) === 0);
    const { parked } = await up.counts();
    assert.ok(parked > 0, 'it was not in the middle');
    // Two at once, as a person might who thinks that the first one hangs.
    const again = await Promise.all([failures('retry', '--yes', '--json'), failures('retry', '--yes', '--json')]);
    const started = again.map(({ code, out, err }) => {
      assert.equal(code, 0, err);
      return Number(JSON.parse(out).started);
    });
    assert.ok(started.reduce((sum, count) => sum + count, 0) >= parked, `${started.join(' and ')} of ${parked}`);
    await up.until('all are described', async () => (await up.counts()).done === 3 + bad);
    assert.equal(host.total.calls, 3 + 3 * bad);
    const calls = [...host.pictures.values()].map((picture) => picture.calls).toSorted((a, b) => a - b);
    assert.deepEqual(calls, [...Array<number>(3).fill(1), ...Array<number>(bad).fill(3)]);
    assert.equal((await failures('retry')).out, 'No photo needs you.\n');
  });
});
