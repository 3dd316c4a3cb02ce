import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { ask } from '../support/immich/ask.ts';
import { running } from '../support/immich/running.ts';
import type { ScriptedImmich } from '../support/immich/server.ts';

const write = (immich: ScriptedImmich, id: string, description: string) =>
  ask(immich, `PUT /assets/${id}`, { body: { description } });
const described = async (immich: ScriptedImmich, id: string): Promise<string> =>
  (await ask(immich, `GET /assets/${id}`)).json.exifInfo.description;

test('a text is there at once, and stays when the sidecar was written (3.1)', async (t) => {
  const immich = await running(t, { jobDelayMs: null });
  const id = immich.addAsset(immich.user.id);
  const answer = await write(immich, id, ' A text, $20 ');
  assert.deepEqual([answer.status, answer.json.exifInfo.description], [200, ' A text, $20 ']);
  assert.equal(immich.runJobs(), 1);
  // The extraction reads it back trimmed (3.2).
  assert.equal(await described(immich, id), 'A text, $20');
});

test('on a read-only library a text is gone after the queue, seconds after a 200 (3.3)', async (t) => {
  const immich = await running(t, { jobDelayMs: null });
  const libraryId = immich.addLibrary(immich.user.id, true);
  const id = immich.addAsset(immich.user.id, { libraryId });
  const told = immich.addAsset(immich.user.id, { libraryId, humanText: 'In the file' });
  assert.equal((await write(immich, id, 'A text')).status, 200);
  await write(immich, told, 'A text. In the file');
  assert.equal(await described(immich, id), 'A text');
  immich.runJobs();
  assert.deepEqual([await described(immich, id), await described(immich, told)], ['', 'In the file']);
  assert.deepEqual(
    immich.writes().map(({ by, before, after }) => [by, before, after]),
    [
      ['api', '', 'A text'],
      ['api', 'In the file', 'A text. In the file'],
      ['immich', 'A text', ''],
      ['immich', 'A text. In the file', 'In the file'],
    ],
  );
  immich.setReadOnly(libraryId, false);
  await write(immich, id, 'A text');
  immich.runJobs();
  assert.equal(await described(immich, id), 'A text');
});

test('the queue comes by itself after its time', async (t) => {
  const immich = await running(t, { jobDelayMs: null });
  const id = immich.addAsset(immich.user.id, { libraryId: immich.addLibrary(immich.user.id, true) });
  await write(immich, id, 'A text');
  assert.equal(await described(immich, id), 'A text');
  immich.set({ jobDelayMs: 0 });
  assert.equal(await described(immich, id), '');
});

test('a refresh of the metadata leaves a text alone that waits for its sidecar (3.2)', async (t) => {
  const immich = await running(t, { jobDelayMs: null });
  const id = immich.addAsset(immich.user.id);
  await write(immich, id, 'A text');
  immich.readFile(id);
  assert.equal(await described(immich, id), 'A text');
});

test('a write alone leaves updatedAt, the extraction after it does not (3.5)', async (t) => {
  const immich = await running(t, { jobDelayMs: null });
  const id = immich.addAsset(immich.user.id, { updatedAt: 1_000 });
  await write(immich, id, 'A text');
  assert.equal(immich.asset(id).updatedAt, 1_000);
  immich.runJobs();
  assert.notEqual(immich.asset(id).updatedAt, 1_000);
});

test('null is refused, an empty text clears, and 60 KB are taken; more than 10 MB are not (3.1)', async (t) => {
  const immich = await running(t);
  const id = immich.addAsset(immich.user.id, { description: 'A text' });
  const refused = await ask(immich, `PUT /assets/${id}`, { body: { description: null } });
  assert.equal(refused.status, 400);
  const long = 'a'.repeat(60_000);
  await write(immich, id, long);
  assert.equal(await described(immich, id), long);
  await write(immich, id, '');
  assert.equal(await described(immich, id), '');
  assert.equal((await write(immich, id, 'a'.repeat(11 * 1024 * 1024))).status, 413);
});

test("a person's text that an API write replaced is counted as lost, one that it holds is not", async (t) => {
  const immich = await running(t);
  const [lost = '', kept = '', cleared = ''] = immich.addAssets(immich.user.id, 3);
  for (const id of [lost, kept, cleared]) immich.editByPerson(id, 'Grandma');
  immich.editByPerson(cleared, '');
  await write(immich, lost, 'A woman on a bench');
  await write(immich, kept, 'Grandma. A woman on a bench');
  await write(immich, cleared, 'A woman on a bench');
  await write(immich, lost, 'Another');
  const { lostHumanTexts, writesAfterClear, textsWritten } = immich.counts();
  assert.deepEqual(
    lostHumanTexts.map(({ assetId, lostHumanText }) => [assetId, lostHumanText]),
    [[lost, 'Grandma']],
  );
  assert.deepEqual([writesAfterClear, textsWritten[lost], textsWritten[kept]], [1, 2, 1]);
});

test('asset metadata holds any key and outlives an extraction; in bulk it is all or nothing (3.6)', async (t) => {
  const immich = await running(t);
  const [id = '', other = ''] = immich.addAssets(immich.user.id, 2);
  const item = { key: 'darkroom', value: { model: 'm' } };
  assert.equal((await ask(immich, `PUT /assets/${id}/metadata`, { body: { items: [item] } })).status, 200);
  immich.readFile(id);
  const [kept] = (await ask(immich, `GET /assets/${id}/metadata`)).json;
  assert.deepEqual([kept.key, kept.value], ['darkroom', { model: 'm' }]);
  const bulk = (ids: string[]) =>
    ask(immich, 'PUT /assets/metadata', { body: { items: ids.map((assetId) => ({ assetId, ...item })) } });
  assert.equal((await bulk([other, randomUUID()])).status, 400);
  assert.deepEqual((await ask(immich, `GET /assets/${other}/metadata`)).json, []);
  assert.equal((await bulk([other])).status, 200);
  const gone = { body: { items: [{ assetId: other, key: 'darkroom' }] } };
  assert.equal((await ask(immich, 'DELETE /assets/metadata', gone)).status, 204);
  assert.deepEqual((await ask(immich, `GET /assets/${other}/metadata`)).json, []);
});

test('tags are made with those above them, and vanish on a read-only library too (3.6)', async (t) => {
  const immich = await running(t, { jobDelayMs: null });
  const id = immich.addAsset(immich.user.id, { libraryId: immich.addLibrary(immich.user.id, true) });
  const [tag] = (await ask(immich, 'PUT /tags', { body: { tags: ['AI/beach'] } })).json;
  assert.deepEqual([tag.name, tag.value], ['beach', 'AI/beach']);
  assert.equal((await ask(immich, 'GET /tags')).json.length, 2);
  const body = { tagIds: [tag.id], assetIds: [id] };
  assert.deepEqual((await ask(immich, 'PUT /tags/assets', { body })).json, { count: 1 });
  assert.deepEqual(immich.tags(id), ['AI/beach']);
  immich.runJobs();
  assert.deepEqual(immich.tags(id), []);
});
