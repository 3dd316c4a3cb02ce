import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { ask } from '../support/immich/ask.ts';
import { running } from '../support/immich/running.ts';

/** A listener for webhooks that answers 500; `told` gives what came, one after another. */
async function listener(t: TestContext) {
  const server = createServer();
  t.after(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listens on no port');
  const told = async () => {
    const [request, response] = await once(server, 'request');
    const body = JSON.parse(await text(request));
    response.writeHead(500).end();
    return { secret: request.headers['x-secret'], body };
  };
  return { url: `http://127.0.0.1:${address.port}/hook`, told };
}

const workflow = (url: string, said: object = {}) => ({
  trigger: 'AssetCreate',
  name: 'Darkroom',
  steps: [
    { method: 'immich-plugin-core#webhook', config: { url, headerName: 'x-secret', headerValue: 's' }, enabled: true },
  ],
  ...said,
});

test('a webhook is told of a new photo once, with its secret, whatever it answers (5.4)', async (t) => {
  const immich = await running(t);
  const { url, told } = await listener(t);
  const made = await ask(immich, 'POST /workflows', { body: workflow(url) });
  assert.deepEqual([made.status, made.json.trigger, made.json.enabled], [201, 'AssetCreate', true]);
  const first = told();
  const id = immich.addAsset(immich.user.id, { previewInMs: null });
  const { secret, body } = await first;
  assert.deepEqual([secret, body.type, body.trigger, body.data.asset.id], ['s', 'AssetV1', 'AssetCreate', id]);
  const second = told();
  const next = immich.addAsset(immich.user.id);
  assert.equal((await second).body.data.asset.id, next);
  // A 500 is not looked at, and nothing comes again.
  assert.equal(immich.counts().webhooks, 2);
});

test('a workflow that is off, deleted, or of somebody else tells nothing (5.4)', async (t) => {
  const immich = await running(t, { users: [{ name: 'Ana' }, { name: 'Ben' }] });
  const { url } = await listener(t);
  const { id } = (await ask(immich, 'POST /workflows', { body: workflow(url, { enabled: false }) })).json;
  immich.addAsset(immich.user.id);
  const on = await ask(immich, `PUT /workflows/${id}`, { body: { enabled: true } });
  assert.deepEqual([on.json.enabled, on.json.name], [true, 'Darkroom']);
  immich.addAsset(immich.users[1]?.id ?? '');
  assert.equal((await ask(immich, `PUT /workflows/${id}`, { key: immich.users[1]?.key, body: {} })).status, 400);
  assert.equal((await ask(immich, `DELETE /workflows/${id}`)).status, 204);
  immich.addAsset(immich.user.id);
  assert.deepEqual((await ask(immich, 'GET /workflows')).json, []);
  assert.equal(immich.counts().webhooks, 0);
});

test('a webhook on the extraction is told when the file was read (5.4)', async (t) => {
  const immich = await running(t);
  const { url, told } = await listener(t);
  await ask(immich, 'POST /workflows', { body: workflow(url, { trigger: 'AssetMetadataExtraction' }) });
  const id = immich.addAsset(immich.user.id, { extractedInMs: null });
  const first = told();
  immich.readFile(id);
  assert.equal((await first).body.trigger, 'AssetMetadataExtraction');
  // Neither a second reading nor the one after a sidecar was written tells anything.
  immich.readFile(id);
  assert.equal(immich.counts().webhooks, 1);
});

test('a webhook that nobody hears is lost (5.4)', async (t) => {
  const immich = await running(t);
  await ask(immich, 'POST /workflows', { body: workflow('http://127.0.0.1:1/hook') });
  immich.addAsset(immich.user.id);
  assert.equal((await ask(immich, 'GET /server/ping')).status, 200);
  assert.equal(immich.counts().webhooks, 1);
});
