import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError, PermanentError, TransientError } from '../../domain/errors.ts';
import { askedImmich, openLibrary } from '../support/immich-asking.ts';
import { patience } from '../support/in-world.ts';
import { json, startOddImmich } from '../support/odd-immich.ts';

const id = '0b1c2d3e-4f50-4162-8374-95a6b7c8d9e0';
const me = { id: '11111111-2222-4333-8444-555555555555', name: 'Ana' };
const plain = { id, ownerId: me.id, fileCreatedAt: '2024-05-31T16:04:00.000Z' };

describe('answers that Immich might give', () => {
  test('unknown fields, nulls and other types cost only themselves', async (t) => {
    const { immich, library } = await askedImmich(t);
    const asset = {
      people: null,
      tags: 'none',
      checksum: 7,
      visibility: 'timeline',
      isEdited: 'no',
      brandNew: { a: 1 },
    };
    const exif = { rating: -1, iso: '200', make: null, city: 'Oslo', latitude: 'north', description: null, novel: [] };
    const photo = immich.addAsset(immich.user.id, { odd: { asset, exif } });
    const found = await library.asset(photo, patience());
    assert.equal(found?.description, '');
    assert.deepEqual([found?.checksum, found?.isEdited, found?.people, found?.tags], ['', false, [], []]);
    assert.equal(found?.facts.rating, undefined);
    assert.equal(found?.facts.place, 'Oslo');
    const page = await library.page({ cursor: undefined, limit: 10, signal: patience() });
    assert.equal(page.assets[0]?.facts.place, 'Oslo');
  });

  test('an asset that cannot be read is passed over by pages, and that is said once', async (t) => {
    const { immich, library, said } = await askedImmich(t);
    const ids = immich.addAssets(immich.user.id, 6);
    for (const [at, odd] of [{ id: null }, { fileCreatedAt: 'yesterday' }, { ownerId: 5 }].entries()) {
      immich.change(ids[at * 2] ?? '', { odd: { asset: odd } });
    }
    const found: string[] = [];
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const page = await library.page({ cursor, limit: 1, signal: patience() });
      found.push(...page.assets.map((asset) => asset.id));
      cursor = page.next;
    }
    assert.deepEqual(found, [ids[5], ids[3], ids[1]]);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /passed over/);
  });

  test('a visibility that a later version adds hides the photo, and one that is missing does not', async (t) => {
    let visibility: string | undefined = 'secret';
    const { url } = await startOddImmich(t, (_, response) => json(response, { ...plain, visibility }));
    const library = openLibrary(t, { apiUrl: url, key: 'k' });
    assert.equal((await library.asset(id, patience()))?.visibility, 'locked');
    visibility = undefined;
    assert.equal((await library.asset(id, patience()))?.visibility, 'timeline');
  });

  test('people come by either id, each once', async (t) => {
    const people = [
      { personGroupId: 'a', name: 'Anna', birthDate: '1984-02-29T00:00:00.000Z' },
      { personGroupId: 'a', name: 'Anna', birthDate: '1984-02-29T00:00:00.000Z' },
      { id: 'b', name: 'Ben', birthDate: null },
      { id: 'c', name: 'Ghost', isHidden: true },
      { id: 'd', name: null },
    ];
    const { url } = await startOddImmich(t, ({ route }, response) =>
      json(response, route === 'GET /people' ? { people, hasNextPage: false } : { ...plain, people }),
    );
    const library = openLibrary(t, { apiUrl: url, key: 'k' });
    const found = await library.asset(id, patience());
    assert.deepEqual(found?.people, [{ name: 'Anna', birthDate: '1984-02-29' }, { name: 'Ben' }]);
    const listed = await library.people(patience());
    assert.deepEqual(listed.at(-1), { id: 'b', name: 'Ben' });
  });

  test('a provenance that Darkroom would not have written is none', async (t) => {
    const { url } = await startOddImmich(t, (_, response) =>
      json(response, [{ key: 'darkroom', value: { recipe: 1 } }]),
    );
    const library = openLibrary(t, { apiUrl: url, key: 'k' });
    assert.equal(await library.provenance(id, patience()), undefined);
  });
});

describe('answers that Immich would not give', () => {
  test('JSON of something else is no Immich', async (t) => {
    const { url } = await startOddImmich(t, (_, response) => json(response, { ok: true }));
    const library = openLibrary(t, { apiUrl: url, key: 'k' });
    for (const call of [library.ping(patience()), library.account(patience()), library.asset(id, patience())]) {
      await assert.rejects(call, (error: unknown) => error instanceof ConfigError && error.code === 'ImmichNotThere');
    }
  });

  test('a redirect is not followed, and where it goes is told without its query', async (t) => {
    const routes: string[] = [];
    const { url } = await startOddImmich(t, ({ route }, response) => {
      routes.push(route);
      response.writeHead(302, { location: 'https://sso.example/login?session=secret' }).end();
    });
    const library = openLibrary(t, { apiUrl: url, key: 'k' });
    await assert.rejects(library.ping(patience()), (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /redirect to https:\/\/sso\.example\/login\./);
      return true;
    });
    assert.equal(routes.length, 1);
  });

  test('a preview that is no picture is a fault, an empty one is not there yet', async (t) => {
    let type = 'text/html';
    const { url } = await startOddImmich(t, (_, response) => {
      response.writeHead(200, { 'content-type': type });
      response.end(type === 'text/html' ? '<html>' : '');
    });
    const library = openLibrary(t, { apiUrl: url, key: 'k' });
    await assert.rejects(library.preview({ id, isEdited: false }, patience()), /web page/);
    type = 'image/jpeg';
    assert.equal(await library.preview({ id, isEdited: false }, patience()), undefined);
  });

  test('a body without end is not kept in memory: of JSON a fault of the server, of a preview of the photo', async (t) => {
    const { url } = await startOddImmich(t, ({ route }, response) => {
      response.writeHead(200, { 'content-type': route.includes('thumbnail') ? 'image/jpeg' : 'application/json' });
      const more = (): void => void response.write(Buffer.alloc(65_536), (error) => error ?? setImmediate(more));
      more();
    });
    const library = openLibrary(t, { apiUrl: url, key: 'k', limits: { jsonBytes: 200_000, previewBytes: 300_000 } });
    await assert.rejects(library.asset(id, patience()), (error: unknown) => error instanceof ConfigError);
    await assert.rejects(
      library.preview({ id, isEdited: false }, patience()),
      (error: unknown) => error instanceof PermanentError && error.code === 'TooLarge',
    );
  });

  test('what is no HTTP is no Immich', async (t) => {
    const { url } = await startOddImmich(t, (_, response) => {
      response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n');
    });
    const library = openLibrary(t, { apiUrl: url, key: 'k' });
    await assert.rejects(library.ping(patience()), (error: unknown) => {
      assert.ok(error instanceof ConfigError || error instanceof TransientError, String(error));
      assert.match(error.message, /IMMICH_API_URL/);
      return true;
    });
  });
});

test('a connection that the server closed meanwhile costs one silent try, and no more', async (t) => {
  let asked = 0;
  let toReset = 0;
  const { url } = await startOddImmich(t, (_, response) => {
    asked += 1;
    toReset -= 1;
    if (toReset < 0) json(response, { res: 'pong' });
    else response.socket?.resetAndDestroy();
  });
  const library = openLibrary(t, { apiUrl: url, key: 'k' });
  await library.ping(patience());
  toReset = 1;
  await library.ping(patience());
  assert.equal(asked, 3);
  toReset = 9;
  await assert.rejects(library.ping(patience()), (error: unknown) => error instanceof TransientError);
  assert.equal(asked, 5);
});
