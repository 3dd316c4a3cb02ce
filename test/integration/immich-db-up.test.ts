import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { immichTables } from '../support/immich-db-tables.ts';
import { makeDbWorld } from '../support/immich-db-world.ts';
import { makeJpeg } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { startUp } from '../support/up.ts';

async function scene(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const tables = await immichTables('3.2');
  const world = await makeDbWorld(tables);
  t.after(() => Promise.all([world.close(), tables.close()]));
  const host = await startScriptedHost();
  t.after(() => host.off());
  const settings = {
    IMMICH_DB_URL: tables.urlFor(),
    IMMICH_DB_USERS: world.userId,
    IMMICH_MEDIA_MAP: `/data=${world.mediaRoot}`,
    FIRST_LOOK: '0',
    IMMICH_PEOPLE_WAIT: '0s',
    ...env,
  };
  return { world, host, settings };
}

test(
  'in database mode photos are described, and a preview that appears tells of a new one',
  { timeout: 960_000 },
  async (t) => {
    const { world, host, settings } = await scene(t, { IMMICH_POLL_SEC: '0' });
    const ids: string[] = [];
    for (let nth = 0; nth < 3; nth += 1) ids.push(await world.addAsset({ preview: await makeJpeg(nth) }));
    const theirs = await world.addAsset({ preview: await makeJpeg(50), description: 'Grandma at the lake' });
    const up = await startUp(t, { folders: [], hosts: [host.url], env: settings });
    await up.until('all are done', async () => (await up.counts()).done === 3);
    const text = async (id: string) => (await world.library.asset(id, AbortSignal.timeout(60_000)))?.description;
    for (const id of ids) assert.notEqual(await text(id), '');
    assert.equal(await text(theirs), 'Grandma at the lake');
    const fresh = await world.addAsset({ preview: await makeJpeg(60), createdAt: Date.now() });
    await up.until('the new one is done', async () => (await up.counts()).done === 4);
    assert.notEqual(await text(fresh), '');
    await up.stop();
  },
);
