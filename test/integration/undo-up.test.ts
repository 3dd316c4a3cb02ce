import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { darkroom } from '../support/darkroom-command.ts';
import { startScriptedImmich } from '../support/immich/server.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { startUp } from '../support/up.ts';

const report = z.object({ looked: z.number(), undone: z.number(), edited: z.number(), dryRun: z.boolean() });
const texts = z.object({
  libraries: z.array(z.object({ immich: z.object({ texts: z.looseObject({ written: z.number() }) }) })),
});

test('what was written to Immich is taken back by command, stays away, and comes again when a person asks', async (t) => {
  const immich = await startScriptedImmich();
  t.after(() => immich.stop());
  let answers = 0;
  const host = await startScriptedHost({ answer: () => ({ text: `answer ${(answers += 1)}` }) });
  t.after(() => host.off());
  const ids = immich.addAssets(immich.user.id, 4);
  const [edited = '', again = ''] = ids;
  const settings = {
    IMMICH_API_URL: immich.url,
    IMMICH_API_KEY: immich.user.key,
    FIRST_LOOK: '0',
    IMMICH_PEOPLE_WAIT: '0s',
  };
  const up = await startUp(t, { folders: [], hosts: [host.url], env: settings });
  await up.until('all are written', () => ids.every((id) => immich.description(id) !== ''), 120_000);
  await up.until('all are done', async () => (await up.counts()).done === 4);
  immich.editByPerson(edited, 'Grandma at the lake');

  const env = { ...settings, DARKROOM_DATA_DIR: up.dataDir };
  const undo = async (...args: string[]) => {
    const { code, out, err } = await darkroom(['undo', '--library', 'immich', '--since', '1h', '--json', ...args], env);
    assert.equal(code, 0, err);
    return report.parse(JSON.parse(out));
  };
  assert.deepEqual(await undo('--dry-run'), { looked: 4, undone: 3, edited: 1, dryRun: true });
  assert.equal(ids.filter((id) => immich.description(id) !== '').length, 4);
  assert.deepEqual(await undo(), { looked: 4, undone: 3, edited: 1, dryRun: false });
  assert.deepEqual(ids.map(immich.description), ['Grandma at the lake', '', '', '']);
  const told = texts.parse(JSON.parse((await darkroom(['status', '--json'], env)).out));
  assert.deepEqual(
    told.libraries.map((library) => [library.immich.texts['written'], library.immich.texts['undone']]),
    [[1, 3]],
  );

  // Another pass meets them and leaves them.
  const calls = host.total.calls;
  await up.stop();
  const restarted = Date.now();
  const second = await startUp(t, { folders: [], hosts: [host.url], dataDir: up.dataDir, env: settings });
  await second.said(/^ready$/);
  await second.until('a pass has ended', async () => {
    const { out } = await darkroom(['backfills', 'list', '--json'], env);
    const known = z.array(z.object({ state: z.string(), startedAt: z.number() })).parse(JSON.parse(out));
    return known.some(({ state, startedAt }) => state === 'finished' && startedAt > restarted);
  });
  assert.deepEqual([immich.description(again), host.total.calls], ['', calls]);
  const asked = await darkroom(['describe', again], env);
  assert.equal(asked.code, 0, asked.err);
  assert.notEqual(immich.description(again), '');

  const wrong = await darkroom(['undo'], env);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /--run <id> of a backfill/);
  const unknown = await darkroom(['undo', '--run', 'nonsense'], env);
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /No run of a photo/);
  const lost = await darkroom(['put-back'], env);
  assert.deepEqual([lost.code, lost.out], [0, 'immich: no text is lost.\n']);
  await second.stop();
});
