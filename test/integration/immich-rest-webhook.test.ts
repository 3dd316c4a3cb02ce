import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openImmichApi } from '../../adapters/immich/library.ts';
import { createWebhookWorkflows } from '../../adapters/immich/webhook-workflow.ts';
import { ConfigError } from '../../domain/errors.ts';
import { patience } from '../support/in-world.ts';
import { startScriptedImmich } from '../support/immich/server.ts';

const target = { url: 'http://darkroom:2285/hooks/immich', headerName: 'x-darkroom-hook', headerValue: 's3cret' };

async function webhooks(t: TestContext, version: string) {
  const immich = await startScriptedImmich({ version });
  t.after(() => immich.stop());
  const api = openImmichApi({ apiUrl: immich.url, key: immich.user.key });
  t.after(() => api.close());
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const headers = { 'x-api-key': immich.user.key, 'content-type': 'application/json' };
    const response = await fetch(`${immich.apiUrl}${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    return response.json();
  };
  return { immich, ask, hooks: createWebhookWorkflows(api) };
}

test('the webhook is installed once, moved to another address, and removed', async (t) => {
  const { hooks, ask } = await webhooks(t, '3.1.0');
  assert.deepEqual(await hooks.find(patience()), []);
  const first = await hooks.install(target, patience());
  assert.equal(first?.was, 'new');
  const moved = await hooks.install({ ...target, url: 'http://other:2285/hooks/immich' }, patience());
  assert.deepEqual(moved, { was: 'there', id: first.id });
  assert.deepEqual(await hooks.find(patience()), [
    { id: first.id, url: 'http://other:2285/hooks/immich', enabled: true },
  ]);
  const [workflow] = [await ask('GET', '/workflows')].flat();
  assert.partialDeepStrictEqual(workflow, {
    trigger: 'AssetMetadataExtraction',
    steps: [{ config: { method: 'POST', headerName: 'x-darkroom-hook', headerValue: 's3cret' } }],
  });
  assert.equal(await hooks.remove(patience()), 1);
  assert.equal(await hooks.remove(patience()), 0);
});

test('a person’s own workflows are left alone, and two of ours become one', async (t) => {
  const { hooks, ask } = await webhooks(t, '3.2.0');
  const theirs = {
    trigger: 'AssetCreate',
    name: 'Tell my phone',
    steps: [{ method: 'immich-plugin-core#webhook', config: {} }],
  };
  await ask('POST', '/workflows', theirs);
  await hooks.install(target, patience());
  const ours = (await hooks.find(patience())) ?? [];
  await ask('POST', '/workflows', {
    trigger: 'AssetCreate',
    name: 'Darkroom: describe new photos',
    steps: [{ method: 'immich-plugin-core#webhook', config: { url: 'http://old' } }],
  });
  await hooks.install(target, patience());
  assert.deepEqual(await hooks.find(patience()), ours);
  assert.equal(await hooks.remove(patience()), 1);
  const left = [await ask('GET', '/workflows')].flat();
  assert.equal(left.length, 1);
  assert.partialDeepStrictEqual(left[0], { name: 'Tell my phone' });
});

test('an Immich before 3.0 has no workflows, and that is no fault', async (t) => {
  const { hooks } = await webhooks(t, '2.7.5');
  assert.equal(await hooks.find(patience()), undefined);
  assert.equal(await hooks.install(target, patience()), undefined);
  assert.equal(await hooks.remove(patience()), 0);
});

test('a key that may not make workflows is told which permission it lacks', async (t) => {
  const { immich, hooks } = await webhooks(t, '3.1.0');
  immich.setPermissions(immich.user.key, ['user.read', 'workflow.read']);
  await assert.rejects(hooks.install(target, patience()), (error: unknown) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /workflow\.create/);
    assert.doesNotMatch(error.message, /s3cret/);
    return true;
  });
});
