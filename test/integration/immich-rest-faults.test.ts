import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError, TransientError } from '../../domain/errors.ts';
import { askedImmich, openLibrary } from '../support/immich-asking.ts';
import { patience } from '../support/in-world.ts';

const unavailable = (words: RegExp, retryAfterMs?: number) => (error: unknown) => {
  assert.ok(error instanceof TransientError, String(error));
  assert.equal(error.code, 'ImmichUnavailable');
  assert.match(error.message, words);
  assert.equal(error.retryAfterMs, retryAfterMs);
  return true;
};
const ours = (code: ConfigError['code'], words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ConfigError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};
const html = '<html><head><title>Sign in &amp; go on</title></head></html>';

describe('the address', () => {
  test('is taken with and without /api, a slash at its end, and the prefix of a proxy', async (t) => {
    const { immich } = await askedImmich(t, { prefix: '/photos' });
    for (const apiUrl of [immich.url, `${immich.url}/`, immich.apiUrl, `${immich.apiUrl}/`]) {
      const library = openLibrary(t, { apiUrl, key: immich.user.key });
      assert.equal((await library.account(patience())).userName, 'Ana', apiUrl);
    }
  });

  test('that is wrong by a prefix is told as no Immich, with the setting', async (t) => {
    const { immich } = await askedImmich(t, { prefix: '/photos' });
    const library = openLibrary(t, { apiUrl: new URL(immich.url).origin, key: immich.user.key });
    await assert.rejects(library.ping(patience()), ours('ImmichNotThere', /IMMICH_API_URL/));
  });

  test('at which nobody listens is a wait, with the setting', async (t) => {
    const { immich, library } = await askedImmich(t);
    await immich.down();
    await assert.rejects(library.ping(patience()), unavailable(/connection refused.*IMMICH_API_URL/));
    await immich.up();
    await library.ping(patience());
  });

  test('with a web page behind it is no Immich, and the page is named', async (t) => {
    const { immich, library } = await askedImmich(t);
    immich.fault({}, { html });
    await assert.rejects(
      library.ping(patience()),
      ours('ImmichNotThere', /web page “Sign in &amp; go on”.*IMMICH_API_URL/),
    );
    await assert.rejects(library.account(patience()), ours('ImmichNotThere', /web page/));
  });

  test('that was an Immich before and shows a web page now is a wait', async (t) => {
    const { immich, library } = await askedImmich(t);
    const id = immich.addAsset(immich.user.id);
    await library.ping(patience());
    for (const status of [200, 401, 403, 404, 502, 503]) {
      immich.fault({}, { html, status });
      await assert.rejects(library.asset(id, patience()), unavailable(/Sign in/), `${status}`);
      await assert.rejects(library.preview({ id, isEdited: false }, patience()), unavailable(/Sign in/), `${status}`);
      const write = library.writeDescription({ id, text: 'A text.', seen: '', signal: patience() });
      await assert.rejects(write, unavailable(/Sign in/), `${status}`);
      const cleared = library.writeProvenance([{ id, provenance: undefined }], patience());
      await assert.rejects(cleared, unavailable(/Sign in/), `${status}`);
      immich.clearMoments();
    }
    assert.equal((await library.asset(id, patience()))?.id, id);
  });
});

describe('the key', () => {
  test('that Immich does not know is named, without its value', async (t) => {
    const { immich } = await askedImmich(t);
    const library = openLibrary(t, { apiUrl: immich.url, key: 'secret-that-is-wrong' });
    await assert.rejects(library.account(patience()), (error: unknown) => {
      assert.doesNotMatch(String(error), /secret/);
      return ours('ImmichKeyRefused', /401.*IMMICH_API_KEY/)(error);
    });
  });

  test('that is revoked in the middle is told at the next call, and nothing is written', async (t) => {
    const { immich, library } = await askedImmich(t);
    const id = immich.addAsset(immich.user.id);
    await library.page({ cursor: undefined, limit: 10, signal: patience() });
    immich.revokeKey(immich.user.key);
    await assert.rejects(
      library.page({ cursor: undefined, limit: 10, signal: patience() }),
      ours('ImmichKeyRefused', /IMMICH_API_KEY/),
    );
    const write = library.writeDescription({ id, text: 'A text.', seen: '', signal: patience() });
    await assert.rejects(write, ours('ImmichKeyRefused', /IMMICH_API_KEY/));
    assert.equal(immich.description(id), '');
  });

  for (const version of ['2.7.5', '3.1.0']) {
    test(`that lacks a permission is told which one and what for (${version})`, async (t) => {
      const { immich, library } = await askedImmich(t, { version });
      const id = immich.addAsset(immich.user.id);
      immich.setPermissions(immich.user.key, ['user.read', 'asset.read']);
      const write = library.writeDescription({ id, text: 'A text.', seen: '', signal: patience() });
      await assert.rejects(write, ours('ImmichKeyRefused', /asset\.update for writing descriptions.*IMMICH_API_KEY/));
      const preview = library.preview({ id, isEdited: false }, patience());
      await assert.rejects(preview, ours('ImmichKeyRefused', /asset\.view for fetching previews/));
      await assert.rejects(library.people(patience()), ours('ImmichKeyRefused', /person\.read/));
      await assert.rejects(library.albums(patience()), ours('ImmichKeyRefused', /album\.read/));
      await assert.rejects(library.addTags(id, ['a'], patience()), ours('ImmichKeyRefused', /tag\.create/));
    });
  }

  test('that may not read albums costs only their names, and that is said once', async (t) => {
    const { immich, library, said } = await askedImmich(t);
    const id = immich.addAsset(immich.user.id);
    immich.addAlbum(immich.user.id, 'Summer', [id]);
    immich.setPermissions(immich.user.key, ['user.read', 'asset.read']);
    for (let look = 0; look < 3; look += 1) assert.deepEqual(await library.albumsOf(id, patience()), []);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /album\.read/);
  });
});

describe('an answer', () => {
  test('of 429 or 5xx is a wait for as long as it asks, in seconds or until a date', async (t) => {
    const { immich, library } = await askedImmich(t);
    const id = immich.addAsset(immich.user.id);
    for (const status of [429, 500, 503, 504]) {
      immich.fault({}, { status, retryAfter: '7', message: 'not now' });
      await assert.rejects(library.asset(id, patience()), unavailable(/not now/, 7_000), `${status}`);
      immich.clearMoments();
    }
    immich.fault({}, { status: 503 });
    await assert.rejects(library.asset(id, patience()), unavailable(/503/));
  });

  test('that is cut off, in any way, is a wait, and never an asset', async (t) => {
    const { immich, library } = await askedImmich(t);
    const id = immich.addAsset(immich.user.id);
    for (const fault of [{ share: 0.5 }, { cropTo: 0.5 }, { cut: 'before' }, { cut: 'after' }] as const) {
      immich.fault({}, fault);
      await assert.rejects(library.asset(id, patience()), unavailable(/broke off|cut short/), JSON.stringify(fault));
      immich.clearMoments();
    }
    immich.fault({}, { share: 0.5 });
    await assert.rejects(library.preview({ id, isEdited: false }, patience()), unavailable(/broke off/));
  });

  test('that was reset on a kept connection is asked for once more, without a word', async (t) => {
    const { immich, library } = await askedImmich(t);
    const id = immich.addAsset(immich.user.id);
    for (const cut of ['before', 'after'] as const) {
      await library.asset(id, patience());
      immich.fault({ times: 1 }, { cut });
      assert.equal((await library.asset(id, patience()))?.id, id, cut);
      immich.clearMoments();
    }
  });

  test('to a write that was lost is a wait: what a person typed since is not written over', async (t) => {
    const { immich, library } = await askedImmich(t);
    const id = immich.addAsset(immich.user.id);
    for (const cut of ['before', 'after'] as const) {
      await library.asset(id, patience());
      immich.fault({ times: 1 }, { cut });
      immich.editWhen('after', { route: 'PUT /assets/:id' }, 'Typed meanwhile.');
      const write = library.writeDescription({ id, text: `A text, cut ${cut}.`, seen: '', signal: patience() });
      await assert.rejects(write, unavailable(/broke off/));
      assert.equal(immich.description(id), cut === 'after' ? 'Typed meanwhile.' : '');
      immich.clearMoments();
      immich.editByPerson(id, '');
    }
    assert.deepEqual(immich.counts().lostHumanTexts, []);
  });

  test('that does not come is a wait after the limit, and giving up ends it at once', async (t) => {
    const { immich, library } = await askedImmich(t, {}, { limits: { requestMs: 200 } });
    const id = immich.addAsset(immich.user.id);
    immich.fault({}, { delayMs: 1_500 });
    await assert.rejects(library.asset(id, patience()), unavailable(/did not answer within 0\.2 s/));
    const asked = library.page({ cursor: undefined, limit: 10, signal: AbortSignal.timeout(50) });
    await assert.rejects(asked, { name: 'TimeoutError' });
  });

  test('of 404 that is not Immich’s own words is never a deleted photo', async (t) => {
    const { immich, library } = await askedImmich(t);
    const id = immich.addAsset(immich.user.id);
    await library.ping(patience());
    immich.fault({}, { status: 404, html: '404 page not found' });
    await assert.rejects(library.asset(id, patience()), unavailable(/404 page not found/));
    const write = library.writeDescription({ id, text: 'A text.', seen: '', signal: patience() });
    await assert.rejects(write, unavailable(/404 page not found/));
    await assert.rejects(library.provenance(id, patience()), unavailable(/404 page not found/));
  });

  test('of 413 names the proxy’s limit, 409 is a wait, another 4xx is ours', async (t) => {
    const { immich, library } = await askedImmich(t);
    const id = immich.addAsset(immich.user.id);
    const write = () => library.writeDescription({ id, text: 'A text.', seen: '', signal: patience() });
    for (const [fault, judge] of [
      [{ status: 413, html: '<h1>413 Request Entity Too Large</h1>' }, ours('BadRequest', /413.*proxy/)],
      [{ status: 413, message: 'request entity too large' }, ours('BadRequest', /413.*proxy/)],
      [{ status: 409, message: 'it is being moved' }, unavailable(/being moved/)],
      [{ status: 400, message: 'description must be a string' }, ours('BadRequest', /must be a string.*report/)],
    ] as const) {
      immich.fault({}, fault);
      await assert.rejects(write(), judge);
      immich.clearMoments();
    }
    assert.equal(immich.description(id), '');
  });
});
