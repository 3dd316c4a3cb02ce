import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openImmichWays } from '../../adapters/immich-ways.ts';
import { running } from '../support/immich/running.ts';

const access = { caFile: undefined, insecure: false, database: undefined };

test('each key has its policy and language; one for all is for each of them', async (t) => {
  const immich = await running(t);
  const open = async (policies: readonly ('all' | 'none')[], languages: readonly string[]) => {
    const given = { ...access, apiUrl: immich.url, keys: ['a', 'b'], policies, languages };
    const ways = await openImmichWays(given);
    await Promise.all(ways.map((way) => way.immich.close()));
    return ways.map(({ policy, language }) => [policy, language]);
  };
  assert.deepEqual(await open(['all', 'none'], ['ru', 'de']), [
    ['all', 'ru'],
    ['none', 'de'],
  ]);
  assert.deepEqual(await open(['all'], ['ru']), [
    ['all', 'ru'],
    ['all', 'ru'],
  ]);
  assert.deepEqual(await open(['none'], []), [
    ['none', undefined],
    ['none', undefined],
  ]);
});

test('all keys of a server together write no more at once than one key may', async (t) => {
  const immich = await running(t, { users: [{ name: 'Ana' }, { name: 'Boris' }] });
  const keys = immich.users.map(({ key }) => key);
  const ways = await openImmichWays({ ...access, apiUrl: immich.url, keys, policies: ['all'], languages: [] });
  t.after(() => Promise.all(ways.map((way) => way.immich.close())));
  const photos = immich.users.map(({ id }) => immich.addAssets(id, 3));
  const free = Promise.withResolvers<void>();
  const held: (string | undefined)[] = [];
  const two = Promise.withResolvers<void>();
  for (const route of ['PUT /assets/:id', 'PATCH /assets/:id']) {
    immich.when('before', { route }, async ({ assetId }) => {
      held.push(assetId);
      if (held.length === 2) two.resolve();
      await free.promise;
    });
  }
  const { signal } = new AbortController();
  const writes = ways.flatMap(({ immich: library }, at) =>
    (photos[at] ?? []).map((id) => library.writeDescription({ id, text: `Text of ${id}`, seen: '', signal })),
  );
  await two.promise;
  // Whatever else had been sent before these would be there by now.
  for (const [at, { immich: library }] of ways.entries())
    for (const id of photos[at] ?? []) assert.equal((await library.asset(id, signal))?.description, '');
  assert.equal(held.length, 2);
  free.resolve();
  assert.deepEqual(new Set(await Promise.all(writes)), new Set(['written']));
  for (const id of photos.flat()) assert.equal(immich.description(id), `Text of ${id}`);
});
