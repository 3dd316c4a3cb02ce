import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { darkroom } from '../support/darkroom-command.ts';
import { facesAt } from '../support/people-api.ts';
import { makeJpeg, makePhotos } from '../support/photos.ts';
import { faceVector, scriptedFaces } from '../support/scripted-faces.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

const token = 'a-token-of-this-test-0123456789';
const faceToken = 'another-token-0123456789';

test('people and faces over HTTP in a running Darkroom: drawn, seen again, named, and described with the name', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'pictures');
  await makePhotos(folder, 0);
  await writeFile(path.join(folder, 'one.jpg'), await makeJpeg(1, { width: 400, height: 300 }));
  await writeFile(path.join(folder, 'two.jpg'), await makeJpeg(2, { width: 400, height: 300 }));
  const service = await scriptedFaces(t, {
    token: faceToken,
    answer: ({ size }) => ({
      // The whole photo shows one face; what is cut out of it another one, in its middle.
      faces:
        size?.width === 400
          ? [{ corners: [10, 10, 60, 70], embedding: faceVector(1) }]
          : [{ corners: [0, 0, size?.width ?? 0, size?.height ?? 0], embedding: faceVector(2) }],
    }),
  });
  const host = await startScriptedHost();
  t.after(() => host.off());
  host.script(({ prompt }) => ({ text: `Seen: ${/People in it[^:]*: (.*)/.exec(prompt)?.[1] ?? 'nobody'}.` }));
  const env = {
    FACE_API_URL: service.url,
    FACE_CLUSTER_MIN: '0',
    DARKROOM_API_TOKEN: token,
    FACE_API_TOKEN: faceToken,
  };
  const up = await startUp(t, { folders: [folder], hosts: [host.url], env });
  await up.until('all are described', async () => (await up.counts()).done === 2);
  const url = (await up.run()).http?.url ?? assert.fail('nothing is served');
  const ask = async (method: string, at: string, body?: object) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${url}${at}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, bytes, json: isJson ? JSON.parse(bytes.toString()) : undefined };
  };
  const say = (...args: string[]) => darkroom(args, { ...env, DARKROOM_DATA_DIR: up.dataDir, COLUMNS: '200' });

  const box = { x: 0.5, y: 0.5, width: 0.4, height: 0.4 };
  const drawn = await ask('POST', facesAt('one.jpg'), { box, person: { name: 'Anna' } });
  assert.deepEqual(
    [drawn.status, drawn.json.vector, drawn.json.face.person.name],
    [201, 'kept', 'Anna'],
    JSON.stringify(drawn.json),
  );
  const { personId } = drawn.json.face.person;
  const again = await ask('POST', facesAt('one.jpg', 'pictures', '/rerun'));
  assert.deepEqual([again.json.kept, again.json.added, again.json.removed], [1, 0, 0], JSON.stringify(again.json));
  assert.deepEqual(
    again.json.faces.map((face: { source: string }) => face.source),
    ['model', 'manual'],
  );
  const cover = await ask('GET', `/persons/${personId}/cover`);
  const { format, width, height } = await sharp(cover.bytes).metadata();
  assert.deepEqual([format, width, height], ['jpeg', 192, 144]);
  assert.equal((await ask('GET', '/faces/embeddings')).json.faces.length, 3);
  assert.equal((await ask('GET', facesAt('../one.jpg'))).json.code, 'photo-missing');
  assert.equal((await fetch(`${url}/persons`)).status, 401);

  const { people } = JSON.parse((await say('people', '--json')).out);
  assert.deepEqual([people.length, people[0].name, people[0].photos], [1, 'Anna', 1]);
  assert.match((await say('people', 'show', 'anna')).out, /f\d+ {2}pictures\/one\.jpg {2}\(drawn by hand\)/);
  assert.match((await say('people', 'name', 'Nobody', 'Zoe')).err, /Nobody is called "Nobody"/);
  const plan = await say('backfill', '--redo', 'people', '--person', 'Anna', '--dry-run');
  assert.match(plan.out, /^Would do 1 of 1 /, plan.err);
  assert.match((await say('prioritize', '--person', 'Anna', 'now', '--dry-run')).out, /^Photos with Anna of pictures:/);

  const renamed = await say('people', 'name', personId, 'Anna Berg', '--redescribe');
  assert.match(renamed.out, /is Anna Berg now, was Anna.*described again now/s, renamed.err);
  const exported = async () => (await say('export', '--format', 'jsonl')).out;
  await up.until('it is described with the name', async () => (await exported()).includes('Seen: Anna Berg.'));
  await up.until('nothing is left to be done', async () => {
    const { out } = await say('backfill', '--redo', 'people', '--dry-run');
    return out.startsWith('Would do 0 of 0 ');
  });
  assert.equal(host.calls.length, 3, 'the other photo was not described again');
  await service.off();
  const away = await ask('POST', facesAt('two.jpg'), { box });
  assert.deepEqual([away.status, typeof away.json.code], [503, 'string'], JSON.stringify(away.json));
  const logs = path.join(up.dataDir, 'logs');
  const written = await Promise.all((await readdir(logs)).map((name) => readFile(path.join(logs, name), 'utf8')));
  assert.ok(written.join('').length > 0);
  for (const secret of [token, faceToken]) {
    for (const text of [...written, ...up.lines, JSON.stringify(away.json)]) assert.ok(!text.includes(secret), secret);
  }
  assert.equal((await up.stop()).code, 0);
});
