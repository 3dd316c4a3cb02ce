import assert from 'node:assert/strict';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';
import { kill9, pidsOf, type Role } from './mixed/processes.ts';

async function someRun(t: TestContext) {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(folder, 2);
  const host = await startScriptedHost();
  t.after(() => host.off());
  return { host, dataDir, start: () => startUp(t, { folders: [folder], hosts: [host.url], dataDir }) };
}

/** kill -9 of the first process of this role that is seen. */
const killFirst = async (dataDir: string, role: Role) => kill9(await pidsOf(dataDir, role, 5));

test('Temporal killed in its very first start: up starts it once more and goes on', async (t) => {
  const { host, dataDir, start } = await someRun(t);
  const up = await start();
  await killFirst(dataDir, 'temporal');
  assert.ok(!up.lines.includes('ready'), 'it was too late');
  await up.until('both are described', async () => host.total.finished === 2 && (await up.counts()).done === 2);
  assert.equal((await up.stop()).code, 0);
});

test('Postgres killed while it is started: up starts it once more and goes on', async (t) => {
  const { host, dataDir, start } = await someRun(t);
  const first = await start();
  await first.until('both are described', async () => (await first.counts()).done === 2);
  assert.equal((await first.stop()).code, 0);

  const up = await start();
  await killFirst(dataDir, 'postgres');
  assert.ok(!up.lines.includes('ready'), 'it was too late');
  await up.said(/^ready$/);
  assert.equal((await up.counts()).done, 2);
  assert.equal(host.total.calls, 2);
  assert.equal((await up.stop()).code, 0);
});
