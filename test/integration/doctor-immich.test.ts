import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { immichs } from '../../clients/doctor/immich.ts';
import { loadSettings } from '../../runtime/config.ts';
import { freePort } from '../support/free-port.ts';
import { running } from '../support/immich/running.ts';
import { immichTables } from '../support/immich-db-tables.ts';
import { makeDbWorld } from '../support/immich-db-world.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What doctor says of Immich with these settings, one line each. */
async function said(env: Readonly<Record<string, string>>, limitMs = 10_000): Promise<string> {
  const findings = await immichs({
    settings: loadSettings(env),
    target: undefined,
    signal: new AbortController().signal,
    limitMs,
  });
  const lines = findings.map(
    ({ level, detail, todo }) => `${level}: ${detail}${todo === undefined ? '' : ` → ${todo}`}`,
  );
  const text = lines.join('\n');
  assert.doesNotMatch(`${text} ${JSON.stringify(findings)}`, /s3cret/);
  return text;
}

async function database(t: TestContext, layout: '3.1' | '3.2') {
  const tables = await immichTables(layout);
  const world = await makeDbWorld(tables);
  t.after(async () => {
    await world.close();
    await tables.close();
  });
  const env = {
    IMMICH_DB_URL: tables.urlFor(),
    IMMICH_DB_USERS: world.userId,
    IMMICH_MEDIA_MAP: `/data=${world.mediaRoot}`,
  };
  return { tables, world, env };
}

for (const [layout, words] of [
  ['3.1', /^ok: tables: as up to 3\.1$/m],
  ['3.2', /^ok: tables: as of 3\.2 \(groups of people\)$/m],
] as const) {
  test(`by the database of ${layout} its tables, the lock and a preview are looked at`, async (t) => {
    const { tables, world, env } = await database(t, layout);
    assert.match(
      await said(env),
      /^note: no photo with a preview yet: IMMICH_MEDIA_MAP \(\/data=.*\) cannot be tried$/m,
    );
    await world.addAsset();
    const well = await said(env);
    assert.match(well, /^ok: version .*, photos of Anna \(/);
    assert.match(well, words);
    assert.match(well, /^note: Immich's own database is used, which Immich does not support/m);
    assert.match(well, /^ok: descriptions are written under the lock/m);
    assert.match(well, /^ok: previews can be read \(\/data=/m);
    assert.doesNotMatch(well, /^wrong|^away/m);

    const empty = await temporaryFolder(t);
    assert.match(await said({ ...env, IMMICH_MEDIA_MAP: `/data=${empty}` }), /^wrong: .*IMMICH_MEDIA_MAP/m);
    assert.match(
      await said({ ...env, IMMICH_MEDIA_MAP: '/elsewhere=/tmp' }),
      /^wrong: .*no folder of IMMICH_MEDIA_MAP/m,
    );
    assert.match(await said({ ...env, IMMICH_DB_USERS: 'nobody@example.org' }), /^wrong: .*IMMICH_DB_USERS/m);

    await tables.sql`alter table asset_exif drop column "lockedProperties"`;
    const unlocked = await said(env);
    assert.match(unlocked, /^wrong: asset_exif has no lockedProperties.* → Upgrade Immich to 2\.4/m);
    assert.match(unlocked, /^wrong: the role of IMMICH_DB_URL lacks asset\.update/m);
  });
}

test('a database that is away is told within its time', async () => {
  const env = {
    IMMICH_DB_URL: `postgres://immich:s3cret@127.0.0.1:${await freePort()}/immich`,
    IMMICH_DB_USERS: 'anna@example.org',
    IMMICH_MEDIA_MAP: '/data=/tmp',
  };
  assert.match(await said(env, 2_000), /^away: /);
});

test('an Immich that takes the question and never answers is told to be silent, and the others are asked all the same', async (t) => {
  const immich = await running(t);
  const ben = immich.addUser({ name: 'Ben' });
  const env = { IMMICH_API_URL: immich.url, IMMICH_API_KEY: `${immich.user.key},${ben.key}` };
  const both = await said(env);
  assert.match(both, /photos of Ana \(key 1 of IMMICH_API_KEY\)/);
  assert.match(both, /photos of Ben \(key 2 of IMMICH_API_KEY\)/);
  immich.fault({ route: 'GET /api-keys/me', times: 1 }, { delayMs: 20_000 });
  const silent = await said(env, 1_000);
  assert.match(silent, /^away: does not answer in time \(key . of IMMICH_API_KEY\) → .*IMMICH_API_URL/m);
  assert.match(silent, /^ok: .*photos of (Ana|Ben)/m);
  immich.addKey(immich.user.id, 'second');
  const twice = await said({ ...env, IMMICH_API_KEY: `${immich.user.key},second` });
  assert.match(twice, /^wrong: two keys belong to Ana → Leave one of them away/m);
});

test('a user and a password in the address are not shown', async (t) => {
  const immich = await running(t);
  const address = immich.url.replace('http://', 'http://proxy:s3cret@');
  const text = await said({ IMMICH_API_URL: address, IMMICH_API_KEY: immich.user.key });
  assert.match(text, /^ok: version/);
});
