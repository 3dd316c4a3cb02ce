import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startScriptedImmich } from '../support/immich/server.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { startUp } from '../support/up.ts';

async function scene(t: TestContext, env: Readonly<Record<string, string>> = {}, policy = 'none') {
  const immich = await startScriptedImmich();
  t.after(() => immich.stop());
  const host = await startScriptedHost();
  t.after(() => host.off());
  const settings = {
    IMMICH_API_URL: immich.url,
    IMMICH_API_KEY: immich.user.key,
    OVERWRITE_POLICY: policy,
    FIRST_LOOK: '0',
    IMMICH_PEOPLE_WAIT: '0s',
    ...env,
  };
  return { immich, host, settings };
}

test('every photo of an Immich is described once, and what somebody wrote stays', { timeout: 720_000 }, async (t) => {
  const { immich, host, settings } = await scene(t);
  const ids = immich.addAssets(immich.user.id, 12);
  const [written = '', hidden = ''] = ids;
  immich.editByPerson(written, 'Grandma at the lake');
  immich.change(hidden, { visibility: 'hidden' });
  const up = await startUp(t, { folders: [], hosts: [host.url], env: settings });
  await up.until('all are done', async () => (await up.counts()).done === 10);
  const counts = await up.counts();
  // What is hidden is not even listed.
  assert.deepEqual([counts.done, counts.skipped, counts.parked], [10, 1, 0]);
  assert.equal(immich.description(written), 'Grandma at the lake');
  assert.equal(immich.description(hidden), '');
  for (const id of ids.slice(2)) assert.notEqual(immich.description(id), '', id);
  const { textsWritten, previews } = immich.counts();
  assert.deepEqual(new Set(Object.values(textsWritten)), new Set([1]));
  assert.equal(previews, 10);
  await up.stop();
});

test(
  'the first look describes the newest photos, writes nothing, and waits for a word',
  { timeout: 720_000 },
  async (t) => {
    const { immich, host, settings } = await scene(t, { FIRST_LOOK: '3' });
    immich.addAssets(immich.user.id, 8);
    const up = await startUp(t, { folders: [], hosts: [host.url], env: settings });
    await up.said(/First look at immich: 3 photos were described/);
    assert.deepEqual(immich.counts().textsWritten, {});
    assert.equal((await up.counts()).done, 3);
    await up.said(/paused by darkroom \(first look\)/);
    await up.stop();
    // Asked for no first look, it goes on: the three are written without another call.
    const again = await startUp(t, {
      folders: [],
      hosts: [host.url],
      dataDir: up.dataDir,
      env: { ...settings, FIRST_LOOK: '0' },
    });
    await again.until('all are written', () => Object.keys(immich.counts().textsWritten).length === 8);
    assert.equal(host.calls.length, 8);
    await again.stop();
  },
);

test('a key that Immich does not know holds up nobody else', { timeout: 480_000 }, async (t) => {
  const { immich, host, settings } = await scene(t);
  const id = immich.addAsset(immich.user.id);
  const IMMICH_API_KEY = `revoked-long-ago,${immich.user.key}`;
  const env = { ...settings, IMMICH_API_KEY, IMMICH_POLL_SEC: '1' };
  const up = await startUp(t, { folders: [], hosts: [host.url], env });
  await up.until('the photo of the other user is described', () => immich.description(id) !== '', 240_000);
  const fresh = immich.addAsset(immich.user.id);
  await up.until('so is one that comes later', () => immich.description(fresh) !== '', 120_000);
  await up.stop();
});

test('a key that lacks a permission is told at the start, with what it is for', { timeout: 480_000 }, async (t) => {
  const { immich, host, settings } = await scene(t);
  immich.setPermissions(immich.user.key, ['user.read', 'asset.read', 'asset.view']);
  const up = await startUp(t, { folders: [], hosts: [host.url], env: settings });
  await up.said(/The key of Ana in IMMICH_API_KEY lacks asset\.update, for writing descriptions/, 240_000);
  await up.stop();
});
