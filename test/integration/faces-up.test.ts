import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { darkroom } from '../support/darkroom-command.ts';
import { makeJpeg, makePhotos, type PhotoOptions } from '../support/photos.ts';
import { faceVector, type ScriptedFace, startScriptedFaces } from '../support/scripted-faces.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp, type UpOptions } from '../support/up.ts';

const people = z.object({
  people: z.array(z.object({ personId: z.string(), name: z.string().optional(), faces: z.number() })),
});

/** Who is on a picture is told by its shape. */
const shapes = {
  anna: { width: 400, height: 300 },
  ben: { width: 300, height: 400 },
  nobody: { width: 320, height: 320 },
} as const satisfies Record<string, PhotoOptions>;

const face = (seed: number): ScriptedFace => ({ corners: [10, 10, 60, 70], score: 0.9, embedding: faceVector(seed) });

/** Photos, a face service that knows two people, a host that says whom it was told of, and nothing started yet. */
async function scene(t: TestContext, { afterMs = 0 } = {}) {
  const folder = path.join(await temporaryFolder(t), 'pictures');
  await makePhotos(folder, 0);
  const service = await startScriptedFaces({
    answer({ size }) {
      const who = size === undefined || size.width === size.height ? [] : [face(size.width > size.height ? 1 : 2)];
      return { faces: who, afterMs };
    },
  });
  const host = await startScriptedHost();
  t.after(() => Promise.all([service.off(), host.off()]));
  host.script(({ prompt }) => ({ text: `Seen: ${/People in it[^:]*: (.*)/.exec(prompt)?.[1] ?? 'nobody'}.` }));
  let seed = 0;
  const add = async (who: keyof typeof shapes) => {
    const name = `${(seed += 1)}-${who}.jpg`;
    await writeFile(path.join(folder, name), await makeJpeg(seed, shapes[who]));
  };
  const env = { FACE_API_URL: service.url, FACE_CLUSTER_MIN: '0' };
  const start = (more: Pick<UpOptions, 'dataDir' | 'env'> = {}) =>
    startUp(t, { folders: [folder], hosts: [host.url], env, ...more });
  return { folder, service, host, add, env, start };
}

const textsOf = async (say: Say): Promise<readonly string[]> =>
  (await say('export', '--format', 'jsonl')).out.split('\n').flatMap((line) => /Seen: [^"]*\./.exec(line) ?? []);

type Say = (...args: string[]) => Promise<{ code: number | null; out: string; err: string }>;

test('whom a person names once is named on old photos and new ones, and nobody is looked for twice', async (t) => {
  const { folder, service, host, add, env, start } = await scene(t);
  for (const who of ['anna', 'anna', 'anna', 'ben', 'nobody'] as const) await add(who);
  const up = await start();
  const say: Say = async (...args) =>
    darkroom(args, {
      ...env,
      DARKROOM_DATA_DIR: up.dataDir,
      VISION_HOSTS: host.url,
      VISION_MODEL: host.model,
      COLUMNS: '200',
    });
  await up.until('all are described', async () => (await up.counts()).done === 5);
  assert.deepEqual((await textsOf(say)).toSorted(), Array(5).fill('Seen: nobody.'));
  assert.match((await say('trace', '4-ben.jpg')).out, /faces .*1 face: 1 without a name/);
  const services = /face services\n +http:\S+ +buffalo_l +ready 0\/8 +5 looked at/;
  await up.until('status tells of the service', async () => services.test((await say('status')).out));

  // Three alike are somebody; one alone is not yet.
  assert.match(
    (await say('people', 'cluster')).out,
    /^4 faces looked at: 3 given to somebody, 1 person without a name/,
  );
  const [found] = people.parse(JSON.parse((await say('people', 'list', '--unnamed', '--json')).out)).people;
  assert.equal(found?.faces, 3);
  const named = await say('people', 'name', found.personId, 'Anna', '--redescribe');
  assert.equal(named.code, 0, named.err);
  const withAnna = async (count: number) =>
    (await textsOf(say)).filter((text) => text === 'Seen: Anna.').length === count;
  await up.until('her photos are described with her name', () => withAnna(3));
  await up.until('all runs have ended', async () => (await up.counts()).done === 5);
  assert.equal(host.calls.length, 8, 'only hers were made anew');

  await add('anna');
  await up.until('a new photo of her is described with her name', () => withAnna(4));
  await up.until('all runs have ended', async () => (await up.counts()).done === 6);
  assert.equal(service.calls.length, 6, 'one look at each photo');
  assert.equal(host.calls.length, 9);
  const tried = await say('describe', path.join(folder, '1-anna.jpg'), '--prompt', 'Who? People in it: {{people}}');
  assert.match(tried.out, /Seen: Anna\./);
  assert.equal((await up.stop()).code, 0);
});

test('kill -9 while faces are looked for, a service that is away, and a pause: every photo has its faces in the end', async (t) => {
  const { service, host, add, env, start } = await scene(t, { afterMs: 400 });
  for (let count = 0; count < 20; count += 1) await add(count % 2 === 0 ? 'anna' : 'ben');
  const first = await start();
  const say: Say = async (...args) =>
    darkroom(args, {
      ...env,
      DARKROOM_DATA_DIR: first.dataDir,
      VISION_HOSTS: host.url,
      VISION_MODEL: host.model,
      COLUMNS: '200',
    });
  await first.until('some were looked at', () => service.total.finished >= 3);
  process.kill(await first.pid('engine'), 'SIGKILL');
  await service.off();
  await first.said(/^waiting: .*face service/);
  await service.on();
  await first.until('all are described', async () => (await first.counts()).done === 20, 120_000);
  assert.equal(host.calls.length, 20, 'each photo was described once');
  const stats = z.object({ photosWithFaces: z.number(), faces: z.number() });
  const { photosWithFaces, faces } = stats.parse(JSON.parse((await say('people', 'stats', '--json')).out));
  assert.deepEqual([photosWithFaces, faces], [20, 20]);

  const paused = await say('pause', 'faces', '--reason', 'the GPU is needed');
  assert.equal(paused.code, 0, paused.err);
  await first.said(/^faces paused by .*the GPU is needed/);
  const calls = service.calls.length;
  await add('ben');
  await add('nobody');
  await first.until('they have come', async () => (await first.counts()).open === 2);
  await first.until(
    'a moment is over',
    async () => (await first.counts()).done === 20 && service.calls.length === calls,
  );
  assert.equal((await say('resume', 'faces')).code, 0);
  await first.until('they are described', async () => (await first.counts()).done === 22);
  assert.equal(service.calls.length, calls + 2);
  assert.equal((await first.stop()).code, 0);
});

test('photos that were described before there was a face service get their faces on request, without a model call', async (t) => {
  const { service, host, add, env, start } = await scene(t);
  for (const who of ['anna', 'ben', 'nobody'] as const) await add(who);
  const dataDir = path.join(await temporaryFolder(t), 'data');
  const before = await start({ dataDir, env: {} });
  await before.until('all are described', async () => (await before.counts()).done === 3);
  assert.equal((await before.stop()).code, 0);
  const up = await start({ dataDir });
  await up.said(/^ready$/);
  const say: Say = async (...args) =>
    darkroom(args, { ...env, DARKROOM_DATA_DIR: dataDir, VISION_HOSTS: host.url, VISION_MODEL: host.model });
  assert.match((await say('backfill', '--only', 'faceless', '--dry-run')).out, /3 photos on which nobody has looked/);
  assert.equal(service.calls.length, 0, 'nothing of that by itself');
  const begun = await say('backfill', '--only', 'faceless');
  assert.equal(begun.code, 0, begun.err);
  await up.until('they were looked at', async () => service.calls.length === 3 && (await up.counts()).done === 3);
  assert.match((await say('backfill', '--only', 'faceless')).out, /has begun: 0 of 0 photos/);
  assert.match((await say('backfills')).out, /on which nobody has looked for faces/);
  assert.equal(host.calls.length, 3);
  assert.match((await say('people', 'stats')).out, /photos with faces +2\nphotos without +1\n/);
  assert.equal((await up.stop()).code, 0);
});

test('while model calls are paused, faces are looked for on all photos of a library, not on a window of them', async (t) => {
  const { service, host, add, env, start } = await scene(t);
  await add('nobody');
  const dataDir = path.join(await temporaryFolder(t), 'data');
  const before = await start({ dataDir });
  await before.until('it is described', async () => (await before.counts()).done === 1);
  const say: Say = async (...args) =>
    darkroom(args, { ...env, DARKROOM_DATA_DIR: dataDir, VISION_HOSTS: host.url, VISION_MODEL: host.model });
  assert.equal((await say('pause', 'describe')).code, 0);
  assert.equal((await before.stop()).code, 0);
  for (let count = 0; count < 90; count += 1) await add('nobody');
  const up = await start({ dataDir });
  await up.until('each was looked at', () => service.calls.length === 91, 120_000);
  assert.equal(host.calls.length, 1);
  assert.equal((await say('resume', 'describe')).code, 0);
  await up.until('all are described', async () => (await up.counts()).done === 91, 120_000);
  assert.equal(service.calls.length, 91);
  assert.equal((await up.stop()).code, 0);
});
