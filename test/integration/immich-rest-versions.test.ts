import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test, type TestContext } from 'node:test';
import { ConfigError } from '../../domain/errors.ts';
import type { Provenance } from '../../domain/immich.ts';
import { askedImmich, openLibrary } from '../support/immich-asking.ts';
import { certificateFile, startScriptedImmich } from '../support/immich/server.ts';
import { patience } from '../support/in-world.ts';
import { json, startOddImmich } from '../support/odd-immich.ts';

type Library = Awaited<ReturnType<typeof askedImmich>>['library'];

const write = (library: Library, id: string, text: string) =>
  library.writeDescription({ id, text, seen: '', signal: patience() });

/** Ids in the order of a walk; `between` runs after each page. */
async function walk(library: Library, limit: number, between: (page: number) => void = () => {}): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  for (let number = 1; number === 1 || cursor !== undefined; number += 1) {
    const page = await library.page({ cursor, limit, signal: patience() });
    found.push(...page.assets.map(({ id }) => id));
    cursor = page.next;
    between(number);
  }
  return found;
}

const requestsOf = (immich: { counts(): { requests: Readonly<Record<string, number>> } }, route: string): number =>
  immich.counts().requests[route] ?? 0;

describe('verbs', () => {
  for (const missingVerb of [404, 405] as const) {
    test(`where PUT is not known (${missingVerb}) PATCH is tried, and remembered`, async (t) => {
      const { immich, library } = await askedImmich(t, { verbs: 'patch', missingVerb });
      const [a = '', b = ''] = immich.addAssets(immich.user.id, 2);
      assert.equal(await write(library, a, 'One.'), 'written');
      assert.equal(await write(library, b, 'Two.'), 'written');
      assert.deepEqual([immich.description(a), immich.description(b)], ['One.', 'Two.']);
      assert.equal(requestsOf(immich, 'PUT /assets/:id'), 1);
      assert.equal(requestsOf(immich, 'PATCH /assets/:id'), 2);
    });
  }

  test('a server that loses a verb in the middle, or gets it back, is written to all the same', async (t) => {
    const { immich, library } = await askedImmich(t, { verbs: 'put' });
    const id = immich.addAsset(immich.user.id);
    for (const verbs of ['put', 'patch', 'put'] as const) {
      immich.set({ verbs });
      assert.equal(await write(library, id, `By ${verbs}.`), 'written');
      assert.equal(immich.description(id), `By ${verbs}.`);
    }
  });
});

describe('searching', () => {
  test('an upgrade or a downgrade in the middle of a walk repeats none and misses none', async (t) => {
    for (const [from, to] of [
      ['3.1.0', '3.2.0'],
      ['3.2.0', '3.1.0'],
    ] as const) {
      const { immich, library } = await askedImmich(t, { version: from });
      const ids = immich.addAssets(immich.user.id, 30).reverse();
      const found = await walk(library, 7, (page) => void (page === 2 && immich.set({ version: to })));
      assert.deepEqual(found, ids, `${from} to ${to}`);
    }
  });

  test('3.2 is asked once for each page, older servers once for what is archived too', async (t) => {
    for (const [version, most] of [
      ['3.2.0', 5],
      ['3.1.0', 8],
    ] as const) {
      const { immich, library } = await askedImmich(t, { version });
      immich.addAssets(immich.user.id, 40);
      assert.equal((await walk(library, 10)).length, 40);
      assert.ok(requestsOf(immich, 'POST /search/metadata') <= most, version);
    }
  });

  test('a server that says it knows the filter and refuses it is asked in the flat form from then on', async (t) => {
    let refused = 0;
    const item = (at: number) => ({
      id: `0000000${at}-4f50-4162-8374-95a6b7c8d9e0`,
      ownerId: 'me',
      fileCreatedAt: new Date(at).toISOString(),
    });
    const { url } = await startOddImmich(t, ({ route, body }, response) => {
      if (route === 'GET /users/me') return json(response, { id: 'me', name: 'Ana' });
      const { filter, visibility, takenBefore } = JSON.parse(body);
      if (filter !== undefined) return json(response, { message: 'Unrecognized key', refused: (refused += 1) }, 400);
      const until = takenBefore === undefined ? 9 : Date.parse(takenBefore);
      const items = visibility === 'archive' ? [] : [9, 8, 7, 6].filter((at) => at <= until).map(item);
      json(response, { assets: { items, nextPage: null, nextCursor: null } });
    });
    const library = openLibrary(t, { apiUrl: url, key: 'k' });
    assert.equal((await walk(library, 1)).length, 4);
    assert.equal(refused, 1);
  });

  for (const version of ['2.7.5', '3.2.0']) {
    test(`two thousand photos of one instant, more than any page holds, come once each (${version})`, async (t) => {
      const { immich, library } = await askedImmich(t, { version });
      const ids = immich.addAssets(immich.user.id, 2_050, { fileCreatedAt: Date.UTC(2020, 0, 1) });
      const older = immich.addAsset(immich.user.id, { fileCreatedAt: Date.UTC(2019, 0, 1) });
      const found = await walk(library, 500);
      assert.equal(found.length, 2_051);
      assert.deepEqual(new Set(found), new Set([...ids, older]));
    });
  }

  test('an answer that is longer than we take is asked for in smaller pieces', async (t) => {
    const { immich, library } = await askedImmich(t, {}, { limits: { jsonBytes: 150_000 } });
    const archived = immich.addAssets(immich.user.id, 12, { visibility: 'archive' });
    const ids = immich.addAssets(immich.user.id, 12, { description: 'A long text. '.repeat(2_000) });
    assert.deepEqual(await walk(library, 100), [...archived, ...ids].reverse());
  });

  test('the trash is in no page, in neither form of asking', async (t) => {
    const { immich, library } = await askedImmich(t, { version: '3.2.0' });
    const [trashed = '', ...ids] = immich.addAssets(immich.user.id, 5);
    immich.trash(trashed);
    for (let times = 0; times < 2; times += 1) assert.deepEqual(await walk(library, 10), ids.toReversed());
  });

  test('in one of no albums, and on which is one of no people, is nothing, without a question', async (t) => {
    const { immich, library } = await askedImmich(t);
    immich.addAsset(immich.user.id);
    for (const choice of [{ albums: [] }, { people: [] }]) {
      const page = await library.page({ cursor: undefined, limit: 10, signal: patience(), ...choice });
      assert.deepEqual(page, { assets: [], next: undefined });
    }
    assert.equal(immich.counts().requestsInAll, 0);
  });

  test('a cursor that is not ours begins anew', async (t) => {
    const { immich, library } = await askedImmich(t);
    const ids = immich.addAssets(immich.user.id, 3).reverse();
    const page = await library.page({ cursor: 'of database mode', limit: 10, signal: patience() });
    assert.deepEqual(
      page.assets.map(({ id }) => id),
      ids,
    );
  });
});

describe('what is left beside texts', () => {
  const provenance: Provenance = {
    recipe: 'a'.repeat(64),
    model: 'm',
    textSha: 'b'.repeat(64),
    at: '2026-11-21T20:00:00.000Z',
  };
  const put = (library: Library, ids: readonly string[]) =>
    Promise.all(ids.map((id) => library.writeProvenance([{ id, provenance }], patience())));

  test('writes that come together go in one request', async (t) => {
    const { immich, library } = await askedImmich(t, {}, { limits: { joinMs: 200 } });
    const ids = immich.addAssets(immich.user.id, 20);
    await put(library, ids);
    assert.equal(requestsOf(immich, 'PUT /assets/metadata'), 1);
    for (const id of ids) assert.deepEqual(await library.provenance(id, patience()), provenance);
  });

  test('a server without the route for many gets each alone, and is asked for it once', async (t) => {
    for (const fault of [
      { status: 404, message: 'Cannot PUT /api/assets/metadata' },
      { status: 400, message: 'id must be a UUID' },
    ]) {
      const { immich, library } = await askedImmich(t, {}, { limits: { joinMs: 200 } });
      immich.fault({ route: 'PUT /assets/metadata' }, fault);
      const ids = immich.addAssets(immich.user.id, 4);
      await put(library, ids);
      await put(library, ids);
      assert.equal(requestsOf(immich, 'PUT /assets/metadata'), 1, fault.message);
      assert.equal(requestsOf(immich, 'PUT /assets/:id/metadata'), 8, fault.message);
      for (const id of ids) assert.deepEqual(await library.provenance(id, patience()), provenance);
    }
  });

  test('who gives up does not take the others’ writes along', async (t) => {
    const { immich, library } = await askedImmich(t, {}, { limits: { joinMs: 200 } });
    const [a = '', b = ''] = immich.addAssets(immich.user.id, 2);
    const giveUp = new AbortController();
    const [one, two] = [a, b].map((id, at) =>
      library.writeProvenance([{ id, provenance }], at === 0 ? giveUp.signal : patience()),
    );
    giveUp.abort(new Error('we are stopping'));
    await assert.rejects(one ?? Promise.resolve(), /we are stopping/);
    await two;
    assert.deepEqual(await library.provenance(b, patience()), provenance);
  });
});

describe('a certificate', () => {
  const secure = async (t: TestContext) => {
    const immich = await startScriptedImmich({ tls: true });
    t.after(() => immich.stop());
    return immich;
  };

  test('that is not trusted is ours to mend, and the setting is named', async (t) => {
    const immich = await secure(t);
    const library = openLibrary(t, { apiUrl: immich.url, key: immich.user.key });
    await assert.rejects(library.ping(patience()), (error: unknown) => {
      assert.ok(error instanceof ConfigError, String(error));
      assert.equal(error.code, 'ImmichNotThere');
      assert.match(error.message, /IMMICH_TLS_CA/);
      return true;
    });
  });

  test('is trusted by its authority, or where any will do', async (t) => {
    const immich = await secure(t);
    const ca = await readFile(certificateFile, 'utf8');
    await openLibrary(t, { apiUrl: immich.url, key: immich.user.key, ca }).ping(patience());
    await openLibrary(t, { apiUrl: immich.url, key: immich.user.key, insecure: true }).ping(patience());
  });

  test('is not looked for where the address says http, and that is told', async (t) => {
    const immich = await secure(t);
    const library = openLibrary(t, { apiUrl: immich.url.replace('https:', 'http:'), key: immich.user.key });
    await assert.rejects(library.ping(patience()), /IMMICH_API_URL|broke off/);
  });
});
