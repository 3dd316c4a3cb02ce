import assert from 'node:assert/strict';
import { test } from 'node:test';
import postgres from 'postgres';
import { postgresOptions } from '../../runtime/database/target.ts';
import { testDatabase } from '../support/postgres.ts';

test('gives a fresh database that survives kill -9', async () => {
  const database = await testDatabase();
  const { options } = postgresOptions(database.target, { max: 2 });
  const sql = postgres(options);
  await sql`create table t (some_name int)`;
  await sql`insert into t values (1)`;
  await database.kill9();
  await database.start();
  assert.deepEqual([...(await sql`select some_name from t`)], [{ someName: 1 }]);
  await sql.end();
});
