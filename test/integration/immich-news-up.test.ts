import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test, type TestContext } from 'node:test';
import { darkroom } from '../support/darkroom-command.ts';
import { running } from '../support/immich/running.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { startUp } from '../support/up.ts';

const limit = { timeout: 960_000 };
/** The request that a poll makes. */
const search = 'POST /search/metadata';

/** Only what comes is described (mode monitor): nothing is found by a pass at the start. */
async function scene(t: TestContext, env: Readonly<Record<string, string>>) {
  const immich = await running(t);
  const host = await startScriptedHost();
  t.after(() => host.off());
  const settings = {
    IMMICH_API_URL: immich.url,
    IMMICH_API_KEY: immich.user.key,
    IMMICH_PEOPLE_WAIT: '0s',
    FIRST_LOOK: '0',
    DARKROOM_MODE: 'monitor',
    ...env,
  };
  const up = await startUp(t, { folders: [], hosts: [host.url], env: settings });
  const searches = () => immich.counts().requests[search] ?? 0;
  return {
    immich,
    up,
    searches,
    polls: () => up.until('it polls', () => searches() > 0),
    /** As a person sends it: Immich has neither read it nor made its preview. */
    upload: () => immich.addAsset(immich.user.id, { extractedInMs: null, previewInMs: null }),
    /** Immich reads it, tells of it where it was asked to, and makes its preview; then it is described. */
    described: async (id: string) => {
      immich.readFile(id);
      immich.makePreview(id);
      await up.until('the new photo is described in Immich', () => immich.description(id) !== '', 480_000);
    },
    webhook: (url: string, ...words: string[]) =>
      darkroom(['immich', 'webhook', ...words, '--data-dir', up.dataDir], { ...settings, IMMICH_WEBHOOK_URL: url }),
  };
}

test('a photo that comes while up runs is found by polling; looking again costs one page', limit, async (t) => {
  const { immich, up, polls, searches, upload, described } = await scene(t, { IMMICH_POLL_SEC: '1' });
  await polls();
  const id = upload();
  await up.until('it was met', async () => (await up.counts()).new === 1);
  await described(id);
  await up.until('its run is over', async () => (await up.counts()).done === 1);
  const before = { all: immich.counts().requestsInAll, searches: searches() };
  await up.until('some polls went by', () => searches() >= before.searches + 6);
  assert.equal(immich.counts().requestsInAll - before.all, searches() - before.searches);
  assert.equal(immich.counts().webhooks, 0);
  await up.stop();
});

test('with polling off, the webhook that the command installs brings a new photo', limit, async (t) => {
  const { immich, up, searches, upload, described, webhook } = await scene(t, { IMMICH_POLL_SEC: '0' });
  await up.said(/^ready/);
  const { http: { url: http } = { url: '' }, token = '' } = await up.run();
  assert.equal((await fetch(`${http}/health/ready`)).status, 200);
  await up.until('the library is open', async () => (await up.query((queries) => queries.counts())).length > 0);
  for (const words of [/from now on Immich tells of new photos at/, /^immich: Immich tells of new photos at/]) {
    const { code, out, err } = await webhook(http, 'install');
    assert.equal(code, 0, err);
    assert.match(out, words);
    assert.ok(!out.includes(token));
  }
  await described(upload());
  assert.equal(immich.counts().webhooks, 1);
  assert.equal(searches(), 0, 'nobody polled');
  const { out } = await webhook(http, 'remove', '--json');
  assert.deepEqual(JSON.parse(out).libraries, [{ library: 'immich', state: 'none' }]);
  await up.stop();
});

test('an Immich that has no webhooks, and a key that may make none, are told in words that help', limit, async (t) => {
  const { immich, up, polls, webhook } = await scene(t, { IMMICH_POLL_SEC: '1' });
  await polls();
  await up.said(/^ready/);
  immich.set({ version: '2.7.5' });
  const old = await webhook('http://darkroom:2285', 'install');
  assert.equal(old.code, 2);
  assert.match(old.err, /older than 3\.0 and has no webhooks\. Nothing is to be done: .* every 1 s/);
  immich.set({ version: '3.1.0' });
  const permissions = ['user.read', 'asset.read', 'asset.view', 'asset.update', 'workflow.read'];
  immich.setPermissions(immich.user.key, permissions);
  const refused = await webhook('http://darkroom:2285', 'install');
  assert.equal(refused.code, 2);
  assert.match(refused.err, /workflow\.create/);
  await up.stop();
});

test(
  'an engine that is killed between a poll and its starts loses no photo: the next looks again',
  limit,
  async (t) => {
    const { immich, up, polls, upload, described } = await scene(t, { IMMICH_POLL_SEC: '1' });
    await polls();
    await up.said(/^ready/);
    const engine = await up.pid('engine');
    let id: string | undefined;
    let kills = 0;
    // The photo is in the answer, and nobody is left who reads it.
    immich.when('before', { route: search }, () => void (id ??= upload()));
    immich.when('after', { route: search }, () => {
      kills += 1;
      if (kills === 1) process.kill(engine, 'SIGKILL');
    });
    await up.said(/The engine ended \(signal SIGKILL\)/);
    assert.ok(id !== undefined);
    await described(id);
    await up.stop();
  },
);

test('while Immich is away it is said once, and once when new photos are looked for again', limit, async (t) => {
  const { immich, up, polls, upload, described } = await scene(t, { IMMICH_POLL_SEC: '1' });
  await polls();
  await immich.down();
  await up.said(/New photos cannot be looked for now; it goes on by itself \(library: immich\)/);
  const id = upload();
  await immich.up();
  await up.said(/New photos of immich are looked for again/);
  await described(id);
  assert.equal(up.lines.filter((line) => /New photos cannot be looked for/.test(line)).length, 1);
  await up.stop();
});

test('a port that is taken is said with its setting, and everything else goes on', limit, async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const address = taken.address();
  assert.ok(address !== null && typeof address !== 'string');
  const at = `127.0.0.1:${address.port}`;
  const { up, upload, described } = await scene(t, { IMMICH_POLL_SEC: '1', DARKROOM_HTTP_ADDRESS: at });
  await up.said(/another program listens on 127\.0\.0\.1:\d+\. Set DARKROOM_HTTP_ADDRESS to another port, or to off/);
  await described(upload());
  assert.equal((await up.run()).http, undefined);
  await up.stop();
});
