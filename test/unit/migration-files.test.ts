import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkServerVersion,
  loadMigrations,
  parseMigration,
  pendingMigrations,
} from '../../adapters/postgres/migration-files.ts';
import { ConfigError } from '../../domain/errors.ts';
import { migrationsFolder } from '../support/stores.ts';

const files = ['0001_one.sql', '0002_two.sql', '0003_three.sql'].map((name) =>
  parseMigration(name, `select '${name}';`),
);
const saying = (words: RegExp) => (error: unknown) => error instanceof ConfigError && words.test(error.message);

test('what is not applied yet is pending, in order', () => {
  assert.deepEqual(pendingMigrations(files, []), files);
  assert.deepEqual(pendingMigrations(files, files.slice(0, 1)), files.slice(1));
  assert.deepEqual(pendingMigrations(files, files), []);
});

test('a database made by a newer program is refused', () => {
  const newer = { number: 4, name: '0004_four.sql', checksum: 'x' };
  assert.throws(() => pendingMigrations(files, [...files, newer]), saying(/newer Darkroom.*0004_four\.sql/));
});

test('a file that was changed after it was applied is refused', () => {
  const [first] = files;
  assert.throws(
    () => pendingMigrations(files, [{ number: 1, name: first?.name ?? '', checksum: 'other' }]),
    saying(/0001_one\.sql was changed/),
  );
});

test('a file that turns up below the newest applied one is refused', () => {
  assert.throws(
    () => pendingMigrations(files, [...files.slice(0, 1), ...files.slice(2)]),
    saying(/0002_two\.sql is missing/),
  );
});

test('line endings and a byte order mark do not change a checksum, a character does', () => {
  const { checksum } = parseMigration('0001_one.sql', 'select 1;\nselect 2;\n');
  assert.equal(parseMigration('0001_one.sql', '\uFEFFselect 1;\r\nselect 2;\r\n').checksum, checksum);
  assert.notEqual(parseMigration('0001_one.sql', 'select 1;\nselect 3;\n').checksum, checksum);
});

test('a file that would cut its own transaction in two is refused, the body of a function is not', () => {
  for (const sql of [
    'begin;\nselect 1;\ncommit;',
    'select 1;\n  COMMIT ;',
    'start transaction isolation level serializable;',
    'create index concurrently i on t (c);',
  ]) {
    assert.throws(() => parseMigration('0001_one.sql', sql), /must not control transactions/, sql);
  }
  parseMigration(
    '0001_one.sql',
    '-- begin;\ncreate function f() returns void language plpgsql as $$\nbegin\n  commit;\nend\n$$;',
  );
});

test('a file with another kind of name is refused', () => {
  for (const name of ['1_one.sql', '0001-one.sql', '0001_One.sql']) {
    assert.throws(() => parseMigration(name, 'select 1;'), /is not named like/);
  }
});

test('a server older than 14 is refused with its version', () => {
  assert.throws(() => checkServerVersion(130_014), saying(/Postgres 13\.14.*needs 14 or newer/));
  checkServerVersion(140_000);
  checkServerVersion(180_004);
});

test('our own migrations are numbered without a gap', async () => {
  const numbers = (await loadMigrations(migrationsFolder)).map(({ number }) => number);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
});
