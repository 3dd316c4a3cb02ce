import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { ConfigError, type FaultCode, isDomainError, TransientError } from '../../domain/errors.ts';
import { type ImmichTables, immichTables } from '../support/immich-db-tables.ts';
import { type ImmichDbWorld, makeDbWorld } from '../support/immich-db-world.ts';
import { assetIn, patience } from '../support/in-world.ts';
import { testDatabase } from '../support/postgres.ts';
import { testCertificate, tlsBeforePostgres } from '../support/tls-before-postgres.ts';

let tables: ImmichTables;
let world: ImmichDbWorld;
before(async () => {
  tables = await immichTables('3.2');
  world = await makeDbWorld(tables);
});
after(async () => {
  await world.close();
  await tables.close();
});

const refusal =
  (kind: typeof ConfigError | typeof TransientError, code: FaultCode, words: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof kind && isDomainError(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    assert.doesNotMatch(error.message, /s3cret/);
    return true;
  };

const withUser = (url: string, role: string) => url.replace(/\/\/[^@]*@/, `//${role}:s3cret@`);

/** A role as docs/immich-database.md makes it, or with less. */
async function role(name: string, statements: string): Promise<string> {
  await tables.asAdministrator(statements.replaceAll(/\bdarkroom\b/g, name));
  return withUser(tables.urlFor(), name);
}

async function documentedRights(): Promise<string> {
  const text = await readFile(new URL('../../docs/immich-database.md', import.meta.url), 'utf8');
  const block = /```sql\n([^`]*)```/.exec(text)?.[1];
  assert.ok(block !== undefined);
  return block;
}

test('the role that the guide makes can do all that Darkroom does', async () => {
  const url = await role('documented', await documentedRights());
  const library = world.libraryFor({ url });
  const id = await world.addAsset({ description: 'Before.' });
  const { permissions } = await library.account(patience());
  assert.deepEqual(
    [
      'user.read',
      'asset.read',
      'asset.view',
      'asset.update',
      'tag.create',
      'tag.asset',
      'album.read',
      'person.read',
    ].filter((name) => !permissions.includes(name)),
    [],
  );
  assert.equal((await library.page({ cursor: undefined, limit: 10, signal: patience() })).assets.length, 1);
  assert.equal(await library.writeDescription({ id, text: 'Ours.', seen: 'Before.', signal: patience() }), 'written');
  const provenance = { recipe: 'a', model: 'b', textSha: 'c', at: 'd' };
  await library.writeProvenance([{ id, provenance }], patience());
  await library.writeProvenance([{ id, provenance: undefined }], patience());
  await library.addTags(id, ['AI/beach'], patience());
  assert.ok((await library.preview({ id, isEdited: false }, patience())) !== undefined);
  assert.deepEqual([await library.albums(patience()), await library.people(patience())], [[], []]);
  assert.deepEqual(await library.albumsOf(id, patience()), []);
  await library.changedSince(undefined, { limit: 10, signal: patience() });
});

test('a role that may only read is told so, in its permissions and when it writes', async () => {
  const url = await role(
    'reader',
    'create role darkroom login; grant select on all tables in schema public to darkroom',
  );
  const library = world.libraryFor({ url });
  const id = await world.addAsset();
  const { permissions } = await library.account(patience());
  assert.ok(
    permissions.includes('asset.read') && !permissions.includes('asset.update') && !permissions.includes('all'),
  );
  await assert.rejects(
    library.writeDescription({ id, text: 'Ours.', seen: '', signal: patience() }),
    refusal(ConfigError, 'ImmichKeyRefused', /too few rights.*asset_exif.*IMMICH_DB_URL/),
  );
});

test('a database that takes no writes at all is told so', async () => {
  const url = await role(
    'frozen',
    `${await documentedRights()}; alter role darkroom set default_transaction_read_only = on`,
  );
  const library = world.libraryFor({ url });
  const id = await world.addAsset();
  assert.ok(!(await library.account(patience())).permissions.includes('asset.update'));
  await assert.rejects(
    library.writeDescription({ id, text: 'Ours.', seen: '', signal: patience() }),
    refusal(ConfigError, 'ImmichKeyRefused', /takes no writes.*IMMICH_DB_URL/),
  );
});

test('a role without any rights, a user that is not there and an unknown role are told apart from an old Immich', async () => {
  const url = await role('nobody_here', 'create role darkroom login');
  await assert.rejects(
    world.libraryFor({ url }).account(patience()),
    refusal(ConfigError, 'ImmichKeyRefused', /too few rights/),
  );
  await assert.rejects(
    world.libraryFor({ userEmail: 'cleo@example.org' }).account(patience()),
    refusal(ConfigError, 'ImmichKeyRefused', /no user cleo@example\.org.*IMMICH_DB_USERS/),
  );
  await assert.rejects(
    world.libraryFor({ url: withUser(tables.urlFor(), 'stranger') }).ping(patience()),
    refusal(ConfigError, 'ImmichKeyRefused', /refuses the user/),
  );
});

test('a user is found by e-mail address in whatever case, and by id', async () => {
  const [row] = await tables.sql`select upper(email) as email from "user" where id = ${world.userId}`;
  for (const userEmail of [String(row?.['email']), world.userId]) {
    assert.equal((await world.libraryFor({ userEmail }).account(patience())).userId, world.userId);
  }
});

test('a database without Immich in it, and one that is not there, say so', async () => {
  const empty = await testDatabase();
  const at = (database: string) => tables.urlFor().replace(tables.database.target.database, database);
  await assert.rejects(
    world.libraryFor({ url: at(empty.target.database) }).account(patience()),
    refusal(ConfigError, 'ImmichNotThere', /no tables of Immich.*IMMICH_DB_URL|IMMICH_DB_URL.*no tables of Immich/),
  );
  await assert.rejects(
    world.libraryFor({ url: at('nothing_here') }).ping(patience()),
    refusal(ConfigError, 'ImmichNotThere', /IMMICH_DB_URL.*nothing_here/),
  );
});

test('an upgrade of Immich while we run changes nothing for us', async (t) => {
  const older = await immichTables('3.1');
  const then = await makeDbWorld(older);
  t.after(async () => {
    await then.close();
    await older.close();
  });
  const id = await then.addAsset();
  await then.recognise(await then.addPerson({ name: 'Anna' }), [id]);
  assert.deepEqual((await assetIn(then, id)).people, [{ name: 'Anna' }]);
  await older.sql`alter table person add column "personGroupId" uuid`;
  await older.sql`update person set "personGroupId" = id`;
  await older.sql`alter table asset_face drop constraint "asset_face_personId_fkey"`;
  await older.sql`alter table asset_face rename column "personId" to "personGroupId"`;
  await older.sql`alter table person drop column id cascade`;
  assert.deepEqual((await assetIn(then, id)).people, [{ name: 'Anna' }]);
});

test('a row lock that is held for too long is a wait', async () => {
  const id = await world.addAsset();
  const library = world.libraryFor({ limitMs: 1_000 });
  const other = await tables.sql.reserve();
  await other`begin`;
  await other`update asset_exif set description = '' where "assetId" = ${id}`;
  await assert.rejects(
    library.writeDescription({ id, text: 'Ours.', seen: '', signal: patience() }),
    refusal(TransientError, 'ImmichUnavailable', /IMMICH_DB_URL/),
  );
  await other`rollback`;
  other.release();
  assert.equal(await library.writeDescription({ id, text: 'Ours.', seen: '', signal: patience() }), 'written');
});

test('whoever stops waiting gets their own reason', async () => {
  const stop = new AbortController();
  stop.abort(new Error('enough'));
  await assert.rejects(world.library.account(stop.signal), /enough/);
});

test('a certificate is checked as the address asks for, and the connection is encrypted', async (t) => {
  const { target } = tables.database;
  const front = await tlsBeforePostgres(target.socketDir, 'S');
  t.after(() => front.close());
  const ping = (parameters: string, host = 'localhost') =>
    world
      .libraryFor({ url: `postgres://${target.user}:s3cret@${host}:${front.port}/${target.database}?${parameters}` })
      .ping(patience());
  const authority = `sslrootcert=${encodeURIComponent(testCertificate)}`;
  for (const right of [
    'sslmode=prefer',
    'sslmode=require',
    `sslmode=verify-ca&${authority}`,
    `sslmode=verify-full&${authority}`,
    authority,
  ]) {
    const securedBefore = front.secured();
    await ping(right);
    assert.equal(front.secured(), securedBefore + 1, right);
  }
  await ping(`sslmode=verify-full&${authority}`, '127.0.0.1');
  const secured = front.secured();
  await ping('sslmode=disable');
  await ping('');
  assert.equal(front.secured(), secured);
  for (const wrong of ['sslmode=verify-full', 'sslmode=verify-ca', 'sslrootcert=system']) {
    await assert.rejects(ping(wrong), refusal(ConfigError, 'BadConfig', /over TLS.*sslrootcert/), wrong);
  }
});

test('a server that speaks no TLS is not spoken to without it, unless it is only preferred', async (t) => {
  const { target } = tables.database;
  const front = await tlsBeforePostgres(target.socketDir, 'N');
  t.after(() => front.close());
  const ping = (mode: string) =>
    world
      .libraryFor({ url: `postgres://${target.user}@localhost:${front.port}/${target.database}?sslmode=${mode}` })
      .ping(patience());
  await ping('prefer');
  for (const mode of ['require', 'verify-full']) {
    await assert.rejects(
      ping(mode),
      (error: unknown) => isDomainError(error) && /TLS.*sslmode=disable/.test(error.message),
      mode,
    );
  }
});

test('a database that is away is a wait that names the setting, and is used again when it is back', async () => {
  const id = await world.addAsset();
  const { database } = tables;
  const library = world.libraryFor({ url: withUser(tables.urlFor(), database.target.user) });
  await library.ping(patience());
  // Stopped and not killed: backends of a killed server go on answering for a moment.
  await database.stop();
  const isAway = refusal(TransientError, 'ImmichUnavailable', /IMMICH_DB_URL/);
  await assert.rejects(library.ping(patience()), isAway);
  await assert.rejects(library.page({ cursor: undefined, limit: 1, signal: patience() }), isAway);
  await assert.rejects(library.writeDescription({ id, text: 'Ours.', seen: '', signal: patience() }), isAway);
  await database.start();
  assert.equal(await library.writeDescription({ id, text: 'Ours.', seen: '', signal: patience() }), 'written');
});
