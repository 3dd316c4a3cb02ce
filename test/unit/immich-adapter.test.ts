import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { apiBase } from '../../adapters/immich/base-url.ts';
import { readCursor, shortId, writeCursor } from '../../adapters/immich/cursor.ts';
import { immichPermissions, missingPermissions } from '../../adapters/immich/permissions.ts';

test('an address leads to the API, whichever way it was copied', () => {
  const rows = [
    ['http://immich:2283', 'http://immich:2283', '/api', 'http://immich:2283'],
    ['http://immich:2283/api/', 'http://immich:2283', '/api', 'http://immich:2283'],
    ['https://example.org/photos', 'https://example.org', '/photos/api', 'https://example.org/photos'],
    ['https://example.org/photos/api', 'https://example.org', '/photos/api', 'https://example.org/photos'],
    ['https://example.org/a/b//', 'https://example.org', '/a/b/api', 'https://example.org/a/b'],
  ] as const;
  for (const [address, origin, path, label] of rows) {
    assert.deepEqual(apiBase(address), { origin, path, label, authorization: undefined }, address);
  }
});

test('a user and a password in the address are for the proxy, and in no message', () => {
  const base = apiBase('https://ana:p%40ss@example.org/photos');
  assert.equal(base.authorization, `Basic ${Buffer.from('ana:p@ss').toString('base64')}`);
  assert.doesNotMatch(`${base.origin} ${base.path} ${base.label}`, /ana|ss/);
});

test('a cursor comes back as the place that it was made of', () => {
  const ids = fc.array(
    fc.uuid().map((id) => shortId(id)),
    { maxLength: 50 },
  );
  fc.assert(
    fc.property(fc.integer({ min: -9e15, max: 9e15 }), ids, (at, seen) => {
      assert.deepEqual(readCursor(writeCursor({ at, seen: new Set(seen) })), { at, seen: new Set(seen) });
    }),
  );
});

test('a thousand photos at one instant make a cursor of 8 KB', () => {
  const seen = new Set(Array.from({ length: 1_000 }, () => shortId(randomUUID())));
  assert.ok(writeCursor({ at: Date.UTC(2024, 0, 1), seen }).length < 8_192);
});

test('what is no cursor is no place', () => {
  for (const text of ['', 'at:', 'at:1', 'at:x:', 'page 2', 'at:1:!!']) assert.equal(readCursor(text), undefined, text);
});

test('a key that may do everything lacks nothing', () => {
  assert.deepEqual(missingPermissions(['all']), []);
  assert.deepEqual(missingPermissions(immichPermissions.map(({ name }) => name)), []);
});

test('what a key lacks is told with its use, the required ones first', () => {
  const missing = missingPermissions(['user.read', 'asset.read', 'person.read']);
  const required = missing.filter((permission) => permission.required).map(({ name }) => name);
  assert.deepEqual(required, ['asset.view', 'asset.update']);
  assert.deepEqual(
    missing.slice(0, 2).map(({ name }) => name),
    required,
  );
  assert.ok(missing.every(({ purpose }) => purpose.length > 10));
});

test('only what is wanted is missed', () => {
  const names = missingPermissions(['user.read'], ['user.read', 'tag.create']).map(({ name }) => name);
  assert.deepEqual(names, ['tag.create']);
});
