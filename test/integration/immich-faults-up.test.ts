import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { certificateFile, startScriptedImmich, type ScriptedImmichOptions } from '../support/immich/server.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { type RunningUp, startUp } from '../support/up.ts';

const limit = { timeout: 960_000 };
const hour = 3_600_000;

/** Faults of issue 6 from one end to the other; test/integration/immich-rest-*.test.ts has them one request at a time. */
async function scene(t: TestContext, options: ScriptedImmichOptions, env: Readonly<Record<string, string>> = {}) {
  const immich = await startScriptedImmich(options);
  t.after(() => immich.stop());
  const host = await startScriptedHost();
  t.after(() => host.off());
  const settings = {
    IMMICH_API_URL: immich.url,
    IMMICH_API_KEY: immich.user.key,
    FIRST_LOOK: '0',
    IMMICH_PEOPLE_WAIT: '0s',
    IMMICH_POLL_SEC: '1',
    ...env,
  };
  const add = (count: number) => immich.addAssets(immich.user.id, count, { createdAt: Date.UTC(2025, 0, 1) });
  const start = (more: Readonly<Record<string, string>> = {}, dataDir?: string) =>
    startUp(t, {
      folders: [],
      hosts: [host.url],
      env: { ...settings, ...more },
      ...(dataDir !== undefined && { dataDir }),
    });
  return { immich, host, add, start };
}

const done = (up: RunningUp, count: number) =>
  up.until(`${count} are done`, async () => (await up.counts()).done === count, 480_000);

test(
  'behind the prefix of a proxy, with a certificate of one’s own: told what to set, then described',
  limit,
  async (t) => {
    const { immich, host, add, start } = await scene(t, { tls: true, prefix: '/photos' });
    const ids = add(3);
    const first = await start();
    await first.said(/IMMICH_TLS_CA/);
    assert.equal(host.calls.length, 0);
    await first.stop();
    const up = await start({ IMMICH_TLS_CA: certificateFile }, first.dataDir);
    await done(up, 3);
    for (const id of ids) assert.notEqual(immich.description(id), '');
    assert.ok(!up.lines.some((line) => line.includes(immich.user.key)), 'no key in what is shown');
    await up.stop();
  },
);

test(
  'a key that is revoked in the middle is told of with what to do; with a key again it goes on, and no call is repeated',
  limit,
  async (t) => {
    const { immich, host, add, start } = await scene(t, {});
    const ids = add(8);
    const { key, id: user } = immich.user;
    immich.when('after', { route: 'PUT /assets/:id', after: 1, times: 1 }, () => immich.revokeKey(key));
    const up = await start();
    await up.said(/IMMICH_API_KEY/);
    assert.equal((await up.counts()).parked, 0, 'no photo is blamed');
    immich.addKey(user, key);
    await done(up, 8);
    assert.deepEqual(
      Object.values(immich.counts().textsWritten),
      ids.map(() => 1),
    );
    assert.equal(host.calls.length, 8);
    await up.stop();
  },
);

test('texts of 60 KB: a person’s stays as it is with ours below it, ours is shortened', limit, async (t) => {
  const { immich, host, start } = await scene(t, {}, { OVERWRITE_POLICY: 'preserve-human' });
  const long = (word: string): string => Array.from({ length: 9_000 }, (_, nth) => `${word}${nth}`).join(' ');
  const human = long('h');
  const id = immich.addAsset(immich.user.id, { humanText: human });
  const other = immich.addAsset(immich.user.id);
  host.script(() => ({ text: long('m') }));
  const up = await start();
  await done(up, 2);
  assert.ok(human.length > 50_000 && immich.description(id).startsWith(`${human}\n\nm0 m1`));
  const ours = immich.description(other);
  assert.ok(ours.startsWith('m0 m1 ') && ours.length > 1_000 && ours.length <= 20_000, `${ours.length}`);
  await up.stop();
});

test(
  'an upgrade, a clock that is wrong and becomes wrong otherwise, photos that go meanwhile: the others are described once',
  limit,
  async (t) => {
    const { immich, add, start } = await scene(t, { version: '2.7.5', skewMs: -hour });
    const ids = add(10);
    const [removed = '', trashed = ''] = ids;
    immich.actWhen('after', { route: 'GET /assets/:id/thumbnail', assetId: removed, times: 1 }, 'remove');
    immich.actWhen('after', { route: 'GET /assets/:id/thumbnail', assetId: trashed, times: 1 }, 'trash');
    immich.when('after', { route: 'PUT /assets/:id', after: 3, times: 1 }, () =>
      immich.set({ version: '3.2.0', skewMs: 2 * hour }),
    );
    const up = await start();
    await up.until('all have ended', async () => {
      const counts = await up.counts();
      return counts.done + counts.gone === 10;
    });
    const later = immich.addAsset(immich.user.id);
    await up.until('what came after the upgrade is described', () => immich.description(later) !== '');
    const { textsWritten } = immich.counts();
    assert.equal(textsWritten[removed], undefined);
    for (const id of [...ids.slice(2), later]) assert.equal(textsWritten[id], 1, id);
    const { parked, gone } = await up.counts();
    assert.equal(parked, 0);
    assert.ok(gone >= 1);
    // It comes back from the trash as it was left: with its text, or undescribed where it went before that.
    immich.restore(trashed);
    assert.ok((textsWritten[trashed] ?? 0) <= 1);
    await up.stop();
  },
);
