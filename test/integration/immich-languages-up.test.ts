import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { darkroom } from '../support/darkroom-command.ts';
import { running } from '../support/immich/running.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { startUp } from '../support/up.ts';

const library = z.object({ library: z.object({ name: z.string() }), outdated: z.object({ done: z.number() }) });
const status = z.object({ libraries: z.array(library) });

test('two users of one Immich get their texts in two languages, each written with their own key', async (t) => {
  const immich = await running(t, { users: [{ name: 'Ana' }, { name: 'Boris' }] });
  const [ana, boris] = immich.users;
  assert.ok(ana && boris);
  const host = await startScriptedHost();
  t.after(() => host.off());
  host.script(({ prompt }) => ({
    text: prompt.endsWith('Answer in Russian.') ? 'Собака на пляже.' : 'A dog on a beach.',
  }));
  const hers = immich.addAssets(ana.id, 3);
  // The bytes of the first one are in both libraries.
  const his = [immich.addAsset(boris.id, { copyOf: hers[0] ?? '' }), ...immich.addAssets(boris.id, 2)];
  const writers: { assetId: string | undefined; userId: string | undefined }[] = [];
  for (const verb of ['PUT', 'PATCH', 'POST', 'DELETE'])
    for (const route of [`${verb} /assets/:id`, `${verb} /assets/:id/metadata`])
      immich.when('before', { route }, ({ assetId, userId }) => void writers.push({ assetId, userId }));
  const env = {
    IMMICH_API_URL: immich.url,
    IMMICH_API_KEY: `${ana.key},${boris.key}`,
    IMMICH_LANGUAGE: 'en,ru',
    IMMICH_PEOPLE_WAIT: '0s',
    IMMICH_POLL_SEC: '0',
    FIRST_LOOK: '0',
  };
  const up = await startUp(t, { folders: [], hosts: [host.url], env });
  await up.until('all are described', async () => (await up.counts()).done === 6, 480_000);
  assert.deepEqual(new Set(hers.map((id) => immich.description(id))), new Set(['A dog on a beach.']));
  assert.deepEqual(new Set(his.map((id) => immich.description(id))), new Set(['Собака на пляже.']));
  assert.equal(host.calls.length, 6, 'a text in one language is none in the other');
  const owners = new Map([...hers.map((id) => [id, ana.id] as const), ...his.map((id) => [id, boris.id] as const)]);
  const written = immich.writes().filter(({ by }) => by === 'api');
  assert.equal(written.length, 6);
  assert.ok(writers.length >= 6);
  for (const { assetId, userId } of writers) assert.equal(userId, owners.get(assetId ?? ''), assetId);
  assert.deepEqual(Object.keys(immich.counts().statuses), ['200'], 'nothing was refused');

  const say = (...args: string[]) =>
    darkroom(args, { ...env, DARKROOM_DATA_DIR: up.dataDir, VISION_HOSTS: host.url, COLUMNS: '300' });
  const { libraries } = status.parse(JSON.parse((await say('status', '--json')).out));
  const outdated = libraries
    .map((one) => [one.library.name, one.outdated.done])
    .toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
  assert.deepEqual(
    outdated.filter(([name]) => String(name).startsWith('immich')),
    [
      ['immich-ana', 0],
      ['immich-boris', 0],
    ],
  );
  assert.ok(!up.lines.some((line) => line.includes('under former settings')), up.lines.join('\n'));
  // Nothing is wanted of either: a pass finds them done.
  const plan = await say('backfill', 'immich-boris', '--dry-run', '--json');
  assert.equal(z.object({ photos: z.number() }).parse(JSON.parse(plan.out)).photos, 0, plan.out);
  await up.stop();
});
