import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { loadSettings } from '../../runtime/config.ts';
import { hostsFileJsonSchema, knownKeys } from '../../runtime/hosts-file-schema.ts';
import { loadVisionHosts, roleModelsOf } from '../../runtime/vision-hosts.ts';
import { hostsOf, writeHostsFile } from '../support/hosts-file.ts';

test('what a host does not say itself comes from the settings', async (t) => {
  const [host] = await hostsOf(t, '{"hosts": [{"url": "http://gpu:11434/"}]}', {
    VISION_SLOTS: '3',
    VISION_TIMEOUT_SEC: '90',
    VISION_FIRST_BYTE_SEC: '30',
    VISION_IDLE_SEC: '7',
    VISION_API: 'openai',
    VISION_TOKEN: 'hush',
  });
  assert.deepEqual(
    { ...host, headers: host?.headers() },
    {
      label: 'http://gpu:11434',
      api: 'openai',
      models: { primary: 'm' },
      slots: 3,
      limits: { connectMs: 5_000, loadMs: 1_800_000, firstByteMs: 30_000, idleMs: 7_000, overallMs: 90_000 },
      keepAlive: '10m',
      options: {},
      // VISION_TOKEN is for VISION_HOSTS: another service must not get it.
      headers: {},
    },
  );
});

test('every key of the file arrives, with comments and trailing commas around it', async (t) => {
  const text = `{
    "$schema": "./hosts.schema.json", // for editors
    "hosts": [
      {
        "url": "https://api.example/v1//", /* a service */
        "api": "openai", "model": "org/m", "role": "fallback", "slots": 4, "tokenEnv": "KEY",
        "headers": {"X-Title": "a // b", "X-Key": {"env": "OTHER"}, "X-File": {"file": "secret"}},
        "timeoutSec": 100, "firstByteSec": 50, "idleSec": 20, "connectTimeoutSec": 3, "loadSec": 60,
        "options": {"top_p": 0.9, "provider": {"order": ["a", null]}},
        "requestsPerMinute": 20, "tokensPerDay": 100000,
        "price": {"promptPerMillion": 0.1, "answerPerMillion": 0.4},
      },
      {"url": "http://gpu:11434", "model": {"primary": "m", "fallback": "n"}, "keepAlive": "600"},
    ],
  }`;
  const file = await writeHostsFile(t, text, { KEY: 'hush-1\n', OTHER: 'hush-2', VISION_FALLBACK_MODEL: 'f' });
  await writeFile(path.join(file.folder, 'secret'), 'hush-3\n');
  const [service, gpu] = await file.load();
  assert.deepEqual(
    { ...service, headers: service?.headers() },
    {
      label: 'https://api.example/v1',
      api: 'openai',
      models: { fallback: 'org/m' },
      slots: 4,
      limits: { connectMs: 3_000, loadMs: 60_000, firstByteMs: 50_000, idleMs: 20_000, overallMs: 100_000 },
      keepAlive: '10m',
      options: { top_p: 0.9, provider: { order: ['a', null] } },
      requestsPerMinute: 20,
      tokensPerDay: 100_000,
      price: { promptPerMillion: 0.1, answerPerMillion: 0.4, currency: 'USD' },
      headers: { authorization: 'Bearer hush-1', 'x-title': 'a // b', 'x-key': 'hush-2', 'x-file': 'hush-3' },
    },
  );
  assert.deepEqual(gpu?.models, { primary: 'm', fallback: 'n' });
  assert.equal(gpu.keepAlive, 600);
});

test('a token comes from any of three places, or a login from the address', async (t) => {
  const hosts = [
    { url: 'http://a', token: 'hush-a' },
    { url: 'http://b', tokenEnv: 'B' },
    { url: 'http://c', tokenFile: 'sub/c' },
    { url: 'http://me:p%40ss@d' },
  ];
  const file = await writeHostsFile(t, JSON.stringify({ hosts }), { B: 'hush-b' });
  await mkdir(path.join(file.folder, 'sub'));
  await writeFile(path.join(file.folder, 'sub/c'), '  hush-c\r\n');
  const all = (await file.load()).map(({ headers }) => headers()['authorization']);
  const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  assert.deepEqual(all, ['Bearer hush-a', 'Bearer hush-b', 'Bearer hush-c', basic]);

  await writeFile(path.join(file.folder, 'sub/c'), 'hush-new');
  assert.equal((await file.load())[2]?.headers()['authorization'], 'Bearer hush-new');
});

test('secrets come out of a host by its function only', async (t) => {
  const hosts = [
    { url: 'http://me:hush-0@a', headers: { 'x-key': 'hush-1' } },
    { url: 'http://b', token: 'hush-2' },
  ];
  for (const host of await hostsOf(t, JSON.stringify({ hosts }))) {
    for (const text of [JSON.stringify(host), inspect(host, { depth: 9, showHidden: true })]) {
      assert.doesNotMatch(text, /hush|Bearer|Basic/);
    }
    assert.match(JSON.stringify(host.headers()), /hush|Basic/);
  }
});

for (const keepAlive of ['10m', '1h30m', '1.5h', '500ms', '-1m', '-1', -1, 300] as const) {
  test(`keepAlive ${JSON.stringify(keepAlive)} is taken`, async (t) => {
    const [host] = await hostsOf(t, JSON.stringify({ hosts: [{ url: 'http://gpu', keepAlive }] }));
    assert.equal(host?.keepAlive, keepAlive === '-1' ? -1 : keepAlive);
  });
}

test('hosts of VISION_HOSTS are used beside the file only where they are set, and not twice', async (t) => {
  const text = '{"hosts": [{"url": "http://a:1"}]}';
  const labels = async (env: Record<string, string>) => (await hostsOf(t, text, env)).map(({ label }) => label);
  assert.deepEqual(await labels({}), ['http://a:1']);
  assert.deepEqual(await labels({ VISION_HOSTS: '' }), ['http://a:1']);
  assert.deepEqual(await labels({ VISION_HOSTS: 'http://b:2' }), ['http://a:1', 'http://b:2']);
  await assert.rejects(labels({ VISION_HOSTS: 'http://b:2,http://a:1/' }), /both name http:\/\/a:1\. Take it out/);
});

test('each role has the model of the settings; without a file every host is asked for both', async (t) => {
  const models = async (env: Record<string, string>) =>
    (await loadVisionHosts(loadSettings(env), env)).map((host) => host.models);
  const plain = { VISION_HOSTS: 'http://a', VISION_MODEL: 'm' };
  assert.deepEqual(await models(plain), [{ primary: 'm' }]);
  assert.deepEqual(await models({ ...plain, VISION_FALLBACK_MODEL: 'm' }), [{ primary: 'm' }]);
  assert.deepEqual(await models({ ...plain, VISION_FALLBACK_MODEL: 'f' }), [{ primary: 'm', fallback: 'f' }]);
  assert.deepEqual(roleModelsOf(loadSettings(plain)), { primary: 'm', fallback: 'm' });

  const hosts = [{ url: 'http://b' }, { url: 'http://c', role: 'fallback' }];
  const both = { VISION_HOSTS: 'http://a', VISION_FALLBACK_MODEL: 'f' };
  assert.deepEqual(
    (await hostsOf(t, JSON.stringify({ hosts }), both)).map((host) => host.models),
    [{ primary: 'm' }, { fallback: 'f' }, { primary: 'm' }],
  );
});

test('docs/hosts.schema.json is what the code makes', () => {
  const published: unknown = JSON.parse(readFileSync(new URL('../../docs/hosts.schema.json', import.meta.url), 'utf8'));
  const made: unknown = JSON.parse(JSON.stringify(hostsFileJsonSchema()));
  assert.deepEqual(
    published,
    made,
    'node runtime/hosts-file-schema.ts | prettier --parser json > docs/hosts.schema.json',
  );
});

test('the example in docs/hosts.md can be used as it stands, and every key is described there', async (t) => {
  const guide = readFileSync(new URL('../../docs/hosts.md', import.meta.url), 'utf8');
  const example = /```jsonc\n([^]*?)```/.exec(guide)?.[1] ?? '';
  const file = await writeHostsFile(t, example, { VISION_FALLBACK_MODEL: 'qwen3-vl-8b' });
  await writeFile(path.join(file.folder, 'openrouter.token'), 'hush');
  assert.equal((await file.load()).length, 3);
  for (const key of knownKeys['host'] ?? []) assert.match(guide, new RegExp(`^\\|[^|]*\`${key}\``, 'm'), key);
});
