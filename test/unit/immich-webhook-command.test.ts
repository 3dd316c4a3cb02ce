import assert from 'node:assert/strict';
import { test } from 'node:test';
import { immichWebhook, type WebhookAction, type WebhookDeps } from '../../clients/commands/immich-webhook.ts';
import { hookSecret } from '../../clients/http/secrets.ts';
import { createOutput } from '../../clients/output.ts';
import { ConfigError } from '../../domain/errors.ts';
import type { ImmichRecord } from '../../domain/immich-store.ts';
import { newsRecord } from '../support/immich-news-scene.ts';

const token = 'the-token-of-this-darkroom';
const target = 'http://nas:2285/hooks/immich/immich';

type Target = { url: string; headerName: string; headerValue: string };

/** Immich accounts, one for each library, each with the webhooks in it; `undefined` is one before 3.0. */
function scene(over: Partial<WebhookDeps> & { names?: readonly string[]; isOld?: boolean } = {}) {
  const { names = ['immich'], isOld = false, ...deps } = over;
  const accounts = new Map(names.map((name): [string, (Target & { enabled: boolean })[]] => [name, []]));
  let closed = 0;
  const given: WebhookDeps = {
    run: { http: { url: 'http://127.0.0.1:2285', host: '0.0.0.0' }, token },
    settings: { IMMICH_WEBHOOK_URL: 'http://nas:2285/', IMMICH_POLL_SEC: 60 },
    immich: { store: { libraries: async () => names.map((name) => ({ ...newsRecord, name })) } },
    async webhooksOf({ name }: ImmichRecord) {
      const hooks = accounts.get(name) ?? [];
      return {
        find: async () => (isOld ? undefined : hooks),
        async install(wanted) {
          if (isOld) return undefined;
          const was = hooks.length === 0 ? 'new' : 'there';
          hooks.splice(0, hooks.length, { ...wanted, enabled: true });
          return { was };
        },
        remove: async () => hooks.splice(0).length,
        close: async () => void (closed += 1),
      };
    },
    ...deps,
  };
  const run = async (action: WebhookAction, { name, json = false }: { name?: string; json?: boolean } = {}) => {
    let text = '';
    const out = createOutput({ write: (more) => (text += more), columns: 70 });
    await immichWebhook(given, out, { action, name, json, signal: AbortSignal.timeout(10_000) });
    assert.ok(text.split('\n').every((line) => line.length <= 70 || !line.includes(' ')));
    return text.replaceAll(/\s+/g, ' ').trim();
  };
  return { run, accounts, closed: () => closed };
}

test('installing tells Immich the address and the secret of this library; twice is the same as once', async () => {
  const { run, accounts, closed } = scene();
  assert.equal(await run('install'), `immich: from now on Immich tells of new photos at ${target}`);
  const installed = accounts.get('immich')?.map((one) => ({ ...one }));
  const headers = { headerName: 'x-darkroom-secret', headerValue: hookSecret(token, 'immich') };
  assert.deepEqual(installed, [{ url: target, ...headers, enabled: true }]);
  assert.equal(await run('install'), `immich: Immich tells of new photos at ${target}`);
  assert.deepEqual(accounts.get('immich'), installed);
  assert.equal(closed(), 2);
});

test('neither the token nor a secret is ever printed', async () => {
  const { run } = scene();
  for (const action of ['install', 'status', 'remove'] as const) {
    for (const json of [false, true]) {
      const text = await run(action, { json });
      assert.ok(!text.includes(token) && !text.includes(hookSecret(token, 'immich')), text);
    }
  }
});

test('status says whether it is there, switched off, or tells another address', async () => {
  const { run, accounts } = scene();
  assert.match(await run('status'), /^immich: no webhook; new photos are found by looking every 60 s$/);
  await run('install');
  assert.equal(await run('status'), `immich: Immich tells of new photos at ${target}`);
  const [hook] = accounts.get('immich') ?? [];
  assert.ok(hook);
  hook.enabled = false;
  assert.match(await run('status'), /switched off in Immich/);
  Object.assign(hook, { enabled: true, url: 'http://old/hooks/immich/immich' });
  assert.match(await run('status'), /at http:\/\/old\/.* IMMICH_WEBHOOK_URL says http:\/\/nas.*install it again/);
  assert.match(await run('remove'), /^immich: the webhook is removed; new photos are found by looking every 60 s$/);
  assert.match(await run('remove'), /^immich: there was no webhook/);
});

test('each user has a webhook of its own; a name that must be escaped is', async () => {
  const { run, accounts } = scene({ names: ['immich-ana', 'immich-bjørn'] });
  await run('install', { name: 'immich-bjørn' });
  assert.deepEqual(accounts.get('immich-ana'), []);
  assert.equal(accounts.get('immich-bjørn')?.[0]?.url, 'http://nas:2285/hooks/immich/immich-bj%C3%B8rn');
  assert.deepEqual(JSON.parse(await run('install', { json: true })), {
    libraries: [
      { library: 'immich-ana', state: 'installed', url: 'http://nas:2285/hooks/immich/immich-ana' },
      { library: 'immich-bjørn', state: 'installed', url: 'http://nas:2285/hooks/immich/immich-bj%C3%B8rn' },
    ],
    notes: [],
  });
});

test('an Immich before 3.0 is told of in plain words, and polling does the job', async () => {
  const { run } = scene({ isOld: true });
  const words = /older than 3\.0 and has no webhooks\. Nothing is to be done: .*every 60 s/;
  await assert.rejects(run('install'), { name: 'UsageError', message: words });
  assert.match(await run('status'), words);
});

test('a setting that is missing is named before Immich is asked for anything', async () => {
  const settings = { IMMICH_WEBHOOK_URL: undefined, IMMICH_POLL_SEC: 0 };
  await assert.rejects(scene({ settings }).run('install'), {
    message: /Set IMMICH_WEBHOOK_URL .*It listens on 0\.0\.0\.0, port 2285 now/,
  });
  assert.match(await scene({ settings }).run('status'), /pass of the night \(IMMICH_POLL_SEC is 0\)/);
  await assert.rejects(scene({ run: {} }).run('install'), /DARKROOM_HTTP_ADDRESS/);
  await assert.rejects(scene({ names: [] }).run('install'), /no Immich library yet/);
  await assert.rejects(scene().run('install', { name: 'pictures' }), /no Immich library called pictures.*: immich/);
  await assert.rejects(scene({ webhooksOf: async () => undefined }).run('status'), /no key of immich: set IMMICH_API/);
});

test('who installs is told when Immich will not get through', async () => {
  const here = { http: { url: 'http://127.0.0.1:2285', host: '127.0.0.1' }, token };
  assert.match(
    await scene({ run: here }).run('install'),
    /for this machine alone.*DARKROOM_HTTP_ADDRESS to 0\.0\.0\.0:2285/,
  );
  const settings = { IMMICH_WEBHOOK_URL: 'http://localhost:2285', IMMICH_POLL_SEC: 60 };
  assert.doesNotMatch(await scene({ run: here, settings }).run('install'), /alone/);
  assert.match(await scene({ run: { token } }).run('install'), /serves no HTTP now/);
});

test('a permission that is missing is named by the fault of Immich, and the connection is closed', async () => {
  const { run, closed } = scene({
    webhooksOf: async () => ({
      find: async () => [],
      install: () =>
        Promise.reject(new ConfigError('ImmichKeyRefused', 'The key lacks the permission workflow.create')),
      remove: async () => 0,
      close: async () => void (ended += 1),
    }),
  });
  let ended = 0;
  await assert.rejects(run('install'), /workflow\.create/);
  assert.deepEqual([ended, closed()], [1, 0]);
});
