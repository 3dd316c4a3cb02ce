import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AssetStore, DescriptionStore } from '../../domain/ports.ts';
import type { StatusQueries } from '../../domain/status.ts';
import {
  done,
  finished,
  hashOf,
  parked,
  registerOne,
  sampleContent,
  sampleFile,
  sampleKey,
  sampleStat,
} from '../support/store-samples.ts';

export interface Stores {
  readonly assets: AssetStore;
  readonly descriptions: DescriptionStore;
  readonly story: Pick<StatusQueries, 'lastRun' | 'failure'>;
}

/** What every AssetStore promises. `open` gives empty stores. */
export function assetStoreSuite(name: string, open: () => Promise<Stores>): void {
  describe(`asset store: ${name}`, () => {
    librariesAndFiles(open);
    whatNeedsARun(open);
    contents(open);
    endsOfRuns(open);
  });
}

async function withLibrary(open: () => Promise<Stores>) {
  const stores = await open();
  const library = await stores.assets.ensureLibrary({ name: 'pictures', root: '/pictures' });
  return { ...stores, library };
}

function librariesAndFiles(open: () => Promise<Stores>): void {
  test('a library keeps its id, and follows its folder when that moves', async () => {
    const { assets } = await open();
    const first = await assets.ensureLibrary({ name: 'pictures', root: '/old' });
    const other = await assets.ensureLibrary({ name: 'scans', root: '/scans' });
    const again = await assets.ensureLibrary({ name: 'pictures', root: '/new' });
    assert.equal(again.id, first.id);
    assert.deepEqual(await assets.libraries(), [{ id: first.id, name: 'pictures', root: '/new' }, other]);
  });

  test('files are registered in the order they were given, and keep their ids', async () => {
    const { assets, library } = await withLibrary(open);
    const names = ['c.jpg', 'a.jpg', 'sub/b.jpg'];
    const files = names.map((name) => sampleFile(name));
    const first = await assets.register(library, files, hashOf('recipe'));
    assert.deepEqual(
      first.map(({ asset }) => asset.path),
      names,
    );
    const again = await assets.register(library, [...files].reverse(), hashOf('recipe'));
    assert.deepEqual(again, [...first].reverse());
  });

  test('names that are no UTF-8, hold newlines or are 4,000 bytes long come back byte for byte', async () => {
    const { assets, library } = await withLibrary(open);
    const raws = [
      Buffer.from([0x61, 0xff, 0xfe, 0x2e, 0x6a, 0x70, 0x67]),
      Buffer.from('new\nline.jpg'),
      Buffer.from('🏔 été.jpg'),
      // Does not compress: an index on the path itself would refuse it.
      Buffer.from(`${Array.from({ length: 61 }, (_, index) => hashOf(`${index}`)).join('/')}/x.jpg`),
    ];
    const registered = await assets.register(
      library,
      raws.map((raw) => sampleFile(raw)),
      hashOf('recipe'),
    );
    assert.equal(registered[0]?.asset.path, String.raw`a\xff\xfe.jpg`);
    assert.equal(registered[1]?.asset.path, String.raw`new\x0aline.jpg`);
    for (const [index, { asset }] of registered.entries()) {
      const found = await assets.find(asset.assetId);
      assert.deepEqual(Buffer.from(found?.rawPath ?? []), raws[index]);
    }
  });

  test('the same name in two libraries is two photos, the same file twice in a page is one', async () => {
    const { assets, library } = await withLibrary(open);
    const other = await assets.ensureLibrary({ name: 'scans', root: '/scans' });
    const here = await registerOne(assets, library, sampleFile('a.jpg'));
    const there = await registerOne(assets, other, sampleFile('a.jpg'));
    assert.notEqual(here.asset.assetId, there.asset.assetId);
    const twice = await assets.register(library, [sampleFile('b.jpg'), sampleFile('b.jpg')], hashOf('recipe'));
    assert.equal(twice[0]?.asset.assetId, twice[1]?.asset.assetId);
  });

  test('ten processes that register the same page at once agree on the ids', async () => {
    const { assets, library } = await withLibrary(open);
    const files = Array.from({ length: 200 }, (_, index) => sampleFile(`${index}.jpg`));
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, turn) =>
        assets.register(library, turn % 2 === 0 ? files : [...files].reverse(), hashOf('recipe')),
      ),
    );
    const ids = answers.map((page) => page.map(({ asset }) => asset.assetId).sort());
    for (const page of ids) assert.deepEqual(page, ids[0]);
    assert.equal(new Set(ids[0]).size, 200);
  });

  test('an id that nobody gave out is nothing', async () => {
    const { assets } = await open();
    assert.equal(await assets.find('4711'), undefined);
    assert.equal(await assets.find('no number'), undefined);
    assert.equal(await assets.knownContent('no number', sampleStat()), undefined);
    await assets.markWaiting('no number', 'x');
  });
}

function whatNeedsARun(open: () => Promise<Stores>): void {
  test('a new photo needs a run, and so does one whose run is open or waits', async () => {
    const { assets, library } = await withLibrary(open);
    const { asset, needsRun, state } = await registerOne(assets, library, sampleFile('a.jpg'));
    assert.deepEqual({ needsRun, state }, { needsRun: true, state: 'new' });
    await assets.rememberContent(asset, sampleStat(), sampleContent('a'));
    assert.equal((await assets.find(asset.assetId))?.state, 'open');
    const opened = await registerOne(assets, library, sampleFile('a.jpg'));
    assert.deepEqual({ needsRun: opened.needsRun, state: opened.state }, { needsRun: true, state: 'open' });
    await assets.markWaiting(asset.assetId, 'still growing');
    const waits = await registerOne(assets, library, sampleFile('a.jpg'));
    assert.deepEqual({ needsRun: waits.needsRun, state: waits.state }, { needsRun: true, state: 'waiting' });
  });

  test('a photo that is done needs a run when its file or the recipe changes', async () => {
    const { assets, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    await assets.rememberContent(asset, sampleStat(), sampleContent('a'));
    await assets.finishRun(finished(asset, done('a')));
    const needs = async (change: Parameters<typeof sampleStat>[0], recipe?: string) =>
      (await registerOne(assets, library, sampleFile('a.jpg', { stat: sampleStat(change) }), recipe)).needsRun;
    assert.equal(await needs({}), false);
    assert.equal(await needs({ ctimeMs: 5 }), false);
    assert.equal(await needs({ size: 1 }), true);
    assert.equal(await needs({ mtimeMs: 1_717_171_717_123.5 }), true);
    assert.equal(await needs({ inode: '18014398509481986' }), true);
    assert.equal(await needs({}, 'another recipe'), true);
  });

  test('a parked photo gets a fresh start from another recipe or from other bytes', async () => {
    const { assets, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    await assets.rememberContent(asset, sampleStat(), sampleContent('a'));
    await assets.finishRun(finished(asset, parked({ key: sampleKey('a') })));
    assert.equal((await registerOne(assets, library, sampleFile('a.jpg'))).needsRun, false);
    assert.equal((await registerOne(assets, library, sampleFile('a.jpg'), 'another recipe')).needsRun, true);
    const changed = sampleFile('a.jpg', { stat: sampleStat({ size: 7 }) });
    assert.equal((await registerOne(assets, library, changed)).needsRun, true);
  });

  test('where any recipe will do, only a changed file needs a run', async () => {
    const { assets, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    await assets.rememberContent(asset, sampleStat(), sampleContent('a'));
    await assets.finishRun(finished(asset, done('a')));
    const needs = async (size?: number) => {
      const file = sampleFile('a.jpg', { stat: sampleStat(size === undefined ? {} : { size }) });
      return (await assets.register(library, [file], undefined))[0]?.needsRun;
    };
    assert.deepEqual([await needs(), await needs(1)], [false, true]);
    await assets.finishRun(finished(asset, parked({ key: sampleKey('a', 'another recipe') })));
    assert.deepEqual([await needs(), await needs(1)], [false, true]);
  });

  test('a file that no decoder can read stays parked under any recipe until it changes', async () => {
    const { assets, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    await assets.finishRun(finished(asset, parked({ stat: sampleStat() })));
    assert.equal((await registerOne(assets, library, sampleFile('a.jpg'), 'another recipe')).needsRun, false);
    const changed = sampleFile('a.jpg', { stat: sampleStat({ mtimeMs: 1 }) });
    assert.equal((await registerOne(assets, library, changed)).needsRun, true);
  });

  test('a file that vanished and is there again needs a run', async () => {
    const { assets, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    await assets.finishRun(finished(asset, { outcome: 'gone', why: 'no such file' }));
    const { needsRun, state } = await registerOne(assets, library, sampleFile('a.jpg'));
    assert.deepEqual({ needsRun, state }, { needsRun: true, state: 'gone' });
  });

  test('a format that is not handled is counted, and becomes new when it is', async () => {
    const { assets, library } = await withLibrary(open);
    const before = await registerOne(assets, library, sampleFile('a.cr3', { kind: 'unsupported' }));
    assert.deepEqual({ needsRun: before.needsRun, state: before.state }, { needsRun: false, state: 'unsupported' });
    const after = await registerOne(assets, library, sampleFile('a.cr3'));
    assert.deepEqual({ needsRun: after.needsRun, state: after.state }, { needsRun: true, state: 'new' });
    assert.equal((await assets.find(after.asset.assetId))?.state, 'new');
  });
}

function contents(open: () => Promise<Stores>): void {
  test('content is known for exactly the file it was read from', async () => {
    const { assets, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    assert.equal(await assets.knownContent(asset.assetId, sampleStat()), undefined);
    await assets.rememberContent(asset, sampleStat(), sampleContent('a'));
    await assets.rememberContent(asset, sampleStat(), sampleContent('a'));
    assert.deepEqual(await assets.knownContent(asset.assetId, sampleStat()), sampleContent('a'));
    assert.deepEqual(await assets.knownContent(asset.assetId, sampleStat({ ctimeMs: 9 })), sampleContent('a'));
    for (const change of [{ size: 1 }, { mtimeMs: 1 }, { inode: '2' }]) {
      assert.equal(await assets.knownContent(asset.assetId, sampleStat(change)), undefined);
    }
    const found = await assets.find(asset.assetId);
    assert.deepEqual(found?.stat, sampleStat());
    assert.equal(found?.contentHash, hashOf('a'));
  });

  test('a photo without capture facts has none, and a better reader may add them', async () => {
    const { assets, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    const bare = { ...sampleContent('a'), capture: {} };
    await assets.rememberContent(asset, sampleStat(), bare);
    assert.deepEqual(await assets.knownContent(asset.assetId, sampleStat()), bare);
    await assets.rememberContent(asset, sampleStat(), sampleContent('a'));
    assert.deepEqual(await assets.knownContent(asset.assetId, sampleStat()), sampleContent('a'));
  });

  test('a file parked with new bytes does not pass for the content it had before', async () => {
    const { assets, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    await assets.rememberContent(asset, sampleStat(), sampleContent('a'));
    const torn = sampleStat({ size: 12 });
    await assets.finishRun(finished(asset, parked({ stat: torn })));
    assert.equal(await assets.knownContent(asset.assetId, torn), undefined);
    assert.equal((await assets.find(asset.assetId))?.contentHash, undefined);
  });
}

function endsOfRuns(open: () => Promise<Stores>): void {
  test('waiting photos are counted until their run goes on or ends', async () => {
    const { assets, library } = await withLibrary(open);
    const page = await assets.register(
      library,
      ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => sampleFile(name)),
      hashOf('r'),
    );
    for (const { asset } of page) await assets.markWaiting(asset.assetId, 'still growing');
    assert.equal(await assets.countWaiting(), 3);
    const [first, second] = page;
    if (first !== undefined) await assets.rememberContent(first.asset, sampleStat(), sampleContent('a'));
    assert.equal(await assets.countWaiting(), 2);
    if (second !== undefined) await assets.finishRun(finished(second.asset, done('b')));
    assert.equal(await assets.countWaiting(), 1);
  });

  test('a run that is done leaves its answer, its story and no claim; telling it twice changes nothing', async () => {
    const { assets, descriptions, story, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    const input = finished(asset, done('a'));
    assert.deepEqual(await descriptions.claim(sampleKey('a'), input.workflowId), { kind: 'mine' });
    for (const turn of ['first', 'second']) {
      await assets.finishRun(input);
      assert.equal((await assets.find(asset.assetId))?.state, 'done', turn);
      assert.equal((await descriptions.find(sampleKey('a')))?.text, 'about a');
      const { workflowId, runId, startedAt, endedAt } = input;
      assert.deepEqual(await story.lastRun(asset.assetId), {
        workflowId,
        runId,
        started: startedAt,
        ended: endedAt,
        outcome: 'done',
        story: input.story,
      });
    }
  });

  test('a parked photo says why, lets its claim go, and is no failure any more once it is done', async () => {
    const { assets, descriptions, story, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    const end = parked({ key: sampleKey('a') });
    const input = finished(asset, end);
    await descriptions.claim(sampleKey('a'), input.workflowId);
    for (const turn of ['first', 'second']) {
      await assets.finishRun(input);
      assert.equal((await assets.find(asset.assetId))?.state, 'parked', turn);
      const failure = await story.failure(asset.assetId);
      assert.deepEqual(failure, {
        ...(end.outcome === 'parked' ? end.failure : {}),
        recipeHash: hashOf('recipe'),
        at: input.endedAt,
      });
    }
    assert.deepEqual(await descriptions.claim(sampleKey('a'), 'somebody else'), { kind: 'mine' });
    await assets.finishRun(finished(asset, done('a'), { runId: 'run-2', endedAt: input.endedAt + 1 }));
    assert.equal(await story.failure(asset.assetId), undefined);
    assert.equal((await story.lastRun(asset.assetId))?.runId, 'run-2');
  });

  test('a file that vanished ends its run as gone, lets the claim go and is no failure', async () => {
    const { assets, descriptions, story, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    await assets.finishRun(finished(asset, parked()));
    const input = finished(asset, { outcome: 'gone', why: 'no such file' }, { runId: 'run-2' });
    await descriptions.claim(sampleKey('a'), input.workflowId);
    await assets.finishRun(input);
    assert.equal((await assets.find(asset.assetId))?.state, 'gone');
    assert.equal(await story.failure(asset.assetId), undefined);
    assert.deepEqual(await descriptions.claim(sampleKey('a'), 'somebody else'), { kind: 'mine' });
  });

  test('finishing a run lets go its own claims only', async () => {
    const { assets, descriptions, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    await descriptions.claim(sampleKey('b'), 'somebody else');
    await assets.finishRun(finished(asset, { outcome: 'gone', why: 'no such file' }));
    assert.deepEqual(await descriptions.claim(sampleKey('b'), 'me'), { kind: 'held', owner: 'somebody else' });
  });

  test('text that no database stores (NUL, half a surrogate pair) is kept without those characters', async () => {
    const { assets, descriptions, story, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    const note = 'NUL \0 and \uD83D half';
    await assets.finishRun(finished(asset, done('a', `a\0b\uD800`), { story: [{ step: 'describe', at: 1, note }] }));
    assert.equal((await descriptions.find(sampleKey('a')))?.text, 'ab\uFFFD');
    assert.equal((await story.lastRun(asset.assetId))?.story[0]?.note, 'NUL  and \uFFFD half');
  });

  test('a very long story is kept in 2 KB, with its beginning and its end', async () => {
    const { assets, story, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    const long = Array.from({ length: 90 }, (_, at) => ({ step: `step ${at}`, at, note: 'a long note 🏔 '.repeat(30) }));
    await assets.finishRun(finished(asset, done('a'), { story: long }));
    const kept = (await story.lastRun(asset.assetId))?.story ?? [];
    assert.ok(Buffer.byteLength(JSON.stringify(kept)) <= 2_048);
    assert.equal(kept[0]?.step, 'step 0');
    assert.equal(kept.at(-1)?.step, 'step 89');
  });

  test('reading that is told once more, late, does not open a photo that is done', async () => {
    const { assets, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('a.jpg'));
    await assets.rememberContent(asset, sampleStat(), sampleContent('a'));
    await assets.finishRun(finished(asset, done('a')));
    await assets.rememberContent(asset, sampleStat(), sampleContent('a'));
    assert.equal((await assets.find(asset.assetId))?.state, 'done');
  });

  test('a run from before a fresh database does not end the photo that has its number now', async () => {
    const { assets, library } = await withLibrary(open);
    const { asset } = await registerOne(assets, library, sampleFile('new.jpg'));
    const old = { ...asset, path: 'old.jpg' };
    await assets.rememberContent(old, sampleStat(), sampleContent('old'));
    await assets.finishRun(finished(old, done('old')));
    const found = await assets.find(asset.assetId);
    assert.deepEqual(
      { state: found?.state, contentHash: found?.contentHash },
      { state: 'new', contentHash: undefined },
    );
  });

  test('the answer of a photo whose row is lost is kept all the same', async () => {
    const { assets, descriptions } = await open();
    const asset = { assetId: '4711', library: 'pictures', path: 'a.jpg' };
    await assets.finishRun(finished(asset, done('a')));
    assert.equal((await descriptions.find(sampleKey('a')))?.text, 'about a');
  });
}
