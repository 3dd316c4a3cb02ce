import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../support/immich/ask.ts';
import { running } from '../support/immich/running.ts';

// The numbers are sections of the sheet on Immich, which the scripted server is held to.

test('what everybody may ask needs no key (5.2)', async (t) => {
  const immich = await running(t, { version: '2.7.5', features: { facialRecognition: false } });
  const open = { key: undefined };
  assert.deepEqual((await ask(immich, 'GET /server/ping', open)).json, { res: 'pong' });
  assert.deepEqual((await ask(immich, 'GET /server/version', open)).json, { major: 2, minor: 7, patch: 5 });
  immich.set({ version: '3.2.0' });
  const version = { major: 3, minor: 2, patch: 0, prerelease: null };
  assert.deepEqual((await ask(immich, 'GET /server/version', open)).json, version);
  assert.equal((await ask(immich, 'GET /server/features', open)).json.facialRecognition, false);
});

test('a key belongs to one user and says what it may do (5.1)', async (t) => {
  const immich = await running(t, { users: [{ name: 'Ana', permissions: ['user.read'] }, { name: 'Ben' }] });
  const [, ben] = immich.users;
  assert.deepEqual((await ask(immich, 'GET /api-keys/me')).json.permissions, ['user.read']);
  assert.equal((await ask(immich, 'GET /users/me')).json.name, 'Ana');
  assert.equal((await ask(immich, 'GET /users/me', { key: ben?.key })).json.name, 'Ben');
});

test('a permission that is missing is named, in the shape of the version (5.1)', async (t) => {
  const immich = await running(t, { version: '2.5.6', users: [{ permissions: ['asset.read'] }] });
  const old = await ask(immich, 'GET /users/me');
  assert.equal(old.status, 403);
  const { message, error, statusCode } = old.json;
  assert.deepEqual(
    { message, error, statusCode },
    {
      message: 'Missing required permission: user.read',
      error: 'Forbidden',
      statusCode: 403,
    },
  );
  immich.set({ version: '3.1.0' });
  assert.deepEqual((await ask(immich, 'GET /users/me')).json, { message: 'Missing required permission: user.read' });
  immich.setPermissions(immich.user.key, ['all']);
  assert.equal((await ask(immich, 'GET /users/me')).status, 200);
});

test('an unknown key, none, and one that was revoked in the middle are a 401 (5.1)', async (t) => {
  const immich = await running(t);
  const refused = await ask(immich, 'GET /users/me', { key: 'wrong' });
  assert.deepEqual([refused.status, refused.json.message], [401, 'Invalid API key']);
  assert.equal((await ask(immich, 'GET /users/me', { key: undefined })).status, 401);
  assert.equal((await ask(immich, 'GET /users/me')).status, 200);
  immich.revokeKey(immich.user.key);
  assert.equal((await ask(immich, 'GET /users/me')).status, 401);
});

test('a request that is wrong is told by its fields (5.1)', async (t) => {
  const immich = await running(t, { version: '3.1.0' });
  const wrong = { body: { size: 1001 } };
  const now = await ask(immich, 'POST /search/metadata', wrong);
  assert.deepEqual([now.status, now.json.message, now.json.errors[0].path], [400, 'Validation failed', ['size']]);
  immich.set({ version: '2.5.6' });
  const then = await ask(immich, 'POST /search/metadata', wrong);
  assert.match(then.json.message[0], /^size /);
});

test('an asset that is gone, or of a stranger, is a 400 and never a 404 (server/src/utils/access.ts)', async (t) => {
  const immich = await running(t, { users: [{ name: 'Ana' }, { name: 'Ben' }] });
  const id = immich.addAsset(immich.user.id);
  const stranger = { key: immich.users[1]?.key };
  assert.equal((await ask(immich, `GET /assets/${id}`)).status, 200);
  assert.equal((await ask(immich, `GET /assets/${id}`, stranger)).status, 400);
  immich.remove(id);
  const gone = await ask(immich, `GET /assets/${id}`);
  assert.deepEqual([gone.status, gone.json.message], [400, 'Not found or no asset.read access']);
  assert.equal((await ask(immich, `GET /assets/${id}/thumbnail?size=preview`)).status, 400);
  assert.equal((await ask(immich, `PUT /assets/${id}`, { body: { description: 'x' } })).status, 400);
  assert.equal((await ask(immich, 'GET /assets/no-id')).json.message, 'Validation failed');
});

test('the locked folder is out of reach of a key (5.1)', async (t) => {
  const immich = await running(t);
  const id = immich.addAsset(immich.user.id, { visibility: 'locked' });
  assert.equal((await ask(immich, `GET /assets/${id}`)).status, 400);
  assert.equal((await ask(immich, 'POST /search/metadata', { body: { visibility: 'locked' } })).status, 401);
  assert.equal((await ask(immich, 'POST /search/metadata', { body: {} })).json.assets.count, 0);
});

test('a duration is text up to version 2 and milliseconds after (1.1)', async (t) => {
  const immich = await running(t, { version: '2.7.5' });
  const id = immich.addAsset(immich.user.id, { type: 'VIDEO', duration: 12_345 });
  assert.equal((await ask(immich, `GET /assets/${id}`)).json.duration, '0:00:12.34500');
  immich.set({ version: '3.0.0' });
  assert.equal((await ask(immich, `GET /assets/${id}`)).json.duration, 12_345);
});

test('workflows are unknown before 3.0, and PATCH changes an asset from 3.0 on (5.2, 5.4)', async (t) => {
  const immich = await running(t, { version: '2.7.5' });
  const id = immich.addAsset(immich.user.id);
  const change = { body: { description: 'x' } };
  assert.equal((await ask(immich, 'GET /workflows')).status, 404);
  assert.equal((await ask(immich, `PATCH /assets/${id}`, change)).status, 404);
  assert.equal((await ask(immich, `PUT /assets/${id}`, change)).status, 200);
  immich.set({ version: '3.0.0' });
  assert.equal((await ask(immich, 'GET /workflows')).status, 200);
  assert.equal((await ask(immich, `PATCH /assets/${id}`, change)).status, 200);
  immich.set({ verbs: 'patch', missingVerb: 405 });
  assert.equal((await ask(immich, `PUT /assets/${id}`, change)).status, 405);
});

test('people come in pages, without the hidden, and without the unnamed who are on few photos (5.2)', async (t) => {
  const immich = await running(t);
  const [cleo = '', , rare = '', often = ''] = ['Cleo', 'Ghost', '', ''].map((name) =>
    immich.addPerson(immich.user.id, name, { isHidden: name === 'Ghost' }),
  );
  const photos = immich.addAssets(immich.user.id, 3);
  for (const id of photos) immich.recognise(id, often);
  immich.recognise(photos[0] ?? '', rare);
  const first = (await ask(immich, 'GET /people?size=1')).json;
  assert.deepEqual([first.people[0].id, first.hidden, first.hasNextPage], [cleo, 1, true]);
  const second = (await ask(immich, 'GET /people?size=1&page=2')).json;
  assert.deepEqual([second.people[0].id, second.hasNextPage], [often, false]);
  assert.equal((await ask(immich, 'GET /people?withHidden=true')).json.people.length, 3);
  const faces = (await ask(immich, `GET /faces?id=${photos[0]}`)).json;
  assert.deepEqual([faces.length, faces[1].person.id], [2, rare]);
});
