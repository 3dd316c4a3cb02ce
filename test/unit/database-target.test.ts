import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeTarget, postgresOptions, redactUrl } from '../../runtime/database/target.ts';

test('a password never shows, in whatever part of the address it stands', () => {
  assert.equal(redactUrl('postgres://me:s3cret@db:5432/photos'), 'postgres://me:***@db:5432/photos');
  assert.equal(redactUrl('postgres://db/photos?password=s3cret&user=me'), 'postgres://db/photos?password=***&user=me');
  assert.doesNotMatch(redactUrl('me:s3cret@db'), /s3cret/);
  assert.doesNotMatch(describeTarget({ kind: 'url', url: 'postgres://me:s3cret@db/photos' }), /s3cret/);
});

test('the embedded server is reached by its socket, another one by its address', () => {
  const socket = postgresOptions({ kind: 'socket', socketDir: '/tmp/x', user: 'u', database: 'd' }, { max: 3 });
  assert.equal(socket.url, undefined);
  assert.equal(socket.options.path, '/tmp/x/.s.PGSQL.5432');
  assert.equal(socket.options.max, 3);
  const other = postgresOptions({ kind: 'url', url: 'postgres://db/photos' }, { max: 3 });
  assert.equal(other.url, 'postgres://db/photos');
  assert.equal(other.options.path, undefined);
});

test('column names become camel case', () => {
  const { from } = postgresOptions({ kind: 'url', url: 'postgres://db' }, { max: 1 }).options.transform.column;
  assert.deepEqual(['content_hash', 'id', 'sha_256', 'odd_'].map(from), ['contentHash', 'id', 'sha256', 'odd_']);
});
