import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { ask } from '../support/immich/ask.ts';
import { type ImmichProcess, type ImmichProcessOptions, startImmichProcess } from '../support/immich/start-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function started(t: TestContext, options: ImmichProcessOptions = {}): Promise<ImmichProcess> {
  const immich = await startImmichProcess(options);
  t.after(() => immich.stop());
  return immich;
}

function firstUser({ users }: ImmichProcess) {
  const [user] = users;
  if (user === undefined) throw new Error('no user');
  return user;
}

test('a killed Immich comes back at its address with all that it had answered for', async (t) => {
  const stateFile = path.join(await temporaryFolder(t), 'immich.jsonl');
  const first = await started(t, { stateFile, jobDelayMs: null, version: '2.7.5' });
  const user = firstUser(first);
  const libraryId = await first.call('addLibrary', user.id, true);
  const [id = '', other = '', gone = ''] = await first.call('addAssets', user.id, 3, { libraryId });
  await first.call('editByPerson', other, 'Grandma');
  await first.call('remove', gone);
  await first.call('addAlbum', user.id, 'Album', [id]);
  const write = { body: { description: 'A text' } };
  assert.equal((await ask({ ...first, user }, `PUT /assets/${id}`, write)).status, 200);
  await first.kill();
  // The line that was being written when it was killed.
  await appendFile(stateFile, '{"table":"assets","id":"');
  const port = Number(new URL(first.url).port);
  const second = await started(t, { stateFile, port, jobDelayMs: null });
  assert.deepEqual([second.url, second.users], [first.url, first.users]);
  const { json } = await ask({ ...second, user }, 'POST /search/metadata', { body: { withExif: true } });
  const texts = json.assets.items.map(({ exifInfo }: { exifInfo: { description: string } }) => exifInfo.description);
  assert.deepEqual(texts, ['Grandma', 'A text']);
  assert.equal((await ask({ ...second, user }, `GET /albums?assetId=${id}`)).json.length, 1);
  // Its queue is kept too.
  assert.equal(await second.call('runJobs'), 2);
  assert.equal(await second.call('description', id), '');
  assert.deepEqual(
    (await second.call('writes')).map(({ by }) => by),
    ['person', 'api', 'immich', 'immich'],
  );
});

test('settings that were changed outlive it, and what is said at its start goes before them', async (t) => {
  const stateFile = path.join(await temporaryFolder(t), 'immich.jsonl');
  const first = await started(t, { stateFile });
  await first.call('set', { version: '3.2.0' });
  await first.kill();
  const second = await started(t, { stateFile });
  const version = async (immich: ImmichProcess) =>
    (await ask({ ...immich, user: firstUser(immich) }, 'GET /server/version')).json.minor;
  assert.equal(await version(second), 2);
  await second.kill();
  assert.equal(await version(await started(t, { stateFile, version: '3.0.0' })), 0);
});

test('it is steered from another process: down, up, faults, people who edit', async (t) => {
  const immich = await started(t);
  const user = firstUser(immich);
  const at = { ...immich, user };
  const id = await immich.call('addAsset', user.id);
  await immich.call('down');
  await assert.rejects(ask(at, 'GET /server/ping'), TypeError);
  await immich.call('up');
  await immich.call('fault', { route: 'GET /server/ping', times: 1 }, { status: 503 });
  assert.equal((await ask(at, 'GET /server/ping')).status, 503);
  await immich.call('editWhen', 'after', { route: 'GET /assets/:id/thumbnail' }, 'Typed');
  await ask(at, `GET /assets/${id}/thumbnail?size=preview`);
  assert.equal(await immich.call('description', id), 'Typed');
  assert.equal((await immich.call('counts')).previews, 1);
  await assert.rejects(immich.call('description', 'nonsense'), /no such asset/);
});
