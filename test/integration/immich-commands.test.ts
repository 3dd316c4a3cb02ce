import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { darkroom } from '../support/darkroom-command.ts';
import { startScriptedImmich } from '../support/immich/server.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { startUp } from '../support/up.ts';

async function scene(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const immich = await startScriptedImmich();
  t.after(() => immich.stop());
  const host = await startScriptedHost();
  t.after(() => host.off());
  const settings = {
    IMMICH_API_URL: immich.url,
    IMMICH_API_KEY: immich.user.key,
    IMMICH_PEOPLE_WAIT: '0s',
    // Nothing comes by itself in these tests.
    IMMICH_POLL_SEC: '0',
    IMMICH_VERIFY_MIN: '0',
    ...env,
  };
  const link = (id: string) => `${immich.url}/photos/${id}`;
  return { immich, host, settings, link };
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

test('a first look is shown, told, shown again, and ended by a word', { timeout: 240_000 }, async (t) => {
  const { immich, host, settings, link } = await scene(t, { FIRST_LOOK: '2' });
  const [old = '', ...newer] = immich.addAssets(immich.user.id, 5, { originalFileName: 'IMG_1.jpg' });
  immich.editByPerson(old, 'Grandma at the lake');
  const up = await startUp(t, { folders: [], hosts: [host.url], env: settings });
  const say = (...args: string[]) =>
    darkroom(args, { ...settings, DARKROOM_DATA_DIR: up.dataDir, VISION_HOSTS: host.url, COLUMNS: '300' });
  await up.said(/First look at immich: 2 photos were described/);

  await t.test('status has it on top, with what to type, and nothing says that all is done', async () => {
    const { out, err, code } = await say('status');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^First look at immich: 2 texts wait for your word.* darkroom backfill immich --go\n/);
    assert.match(out, /photos of Ana, Immich 3\.1\.0/);
    assert.doesNotMatch(out, /paused by darkroom|up to date/);
    const told: { libraries: { library: object; immich: { firstLook: string; held: number; owner: string } }[] } =
      JSON.parse((await say('status', '--json')).out);
    const [library] = told.libraries.filter((one) => 'immich' in one);
    assert.deepEqual([library?.immich.firstLook, library?.immich.held, library?.immich.owner], ['shown', 2, 'Ana']);
  });

  await t.test('it is printed again, for people and programs', async () => {
    const { out } = await say('immich', 'first-look');
    assert.match(out, /^First look at immich: 2 photos were described, nothing was written to Immich\./);
    const shown = newer.filter((id) => out.includes(link(id)));
    assert.equal(shown.length, 2);
    const told: { texts: { page: string; fileName: string; text: string }[] } = JSON.parse(
      (await say('immich', 'first-look', 'immich', '--json')).out,
    );
    assert.deepEqual(
      told.texts.map(({ fileName }) => fileName),
      ['IMG_1.jpg', 'IMG_1.jpg'],
    );
    assert.deepEqual(immich.counts().textsWritten, {});
  });

  await t.test('a word that makes no sense is refused', async () => {
    for (const [args, said] of [
      [['immich', '--go', '--from', '2024'], /--go stands alone/],
      [['elsewhere', '--go'], /no Immich library called elsewhere/],
    ] as const) {
      const { code, err } = await say('backfill', ...args);
      assert.equal(code, 2, err);
      assert.match(err, said);
    }
  });

  await t.test('go writes what waits, describes the rest, and leaves what somebody wrote', async () => {
    const { out, code } = await say('backfill', '--go');
    assert.equal(code, 0, out);
    assert.match(oneLine(out), /^The first look at immich is over\. 2 texts that wait are written to Immich now\./);
    await up.until('all are written', () => Object.keys(immich.counts().textsWritten).length === 4);
    assert.equal(immich.description(old), 'Grandma at the lake');
    await up.until('the row knows it', async () => (await up.counts()).skipped === 1);
    const { out: told } = await say('status');
    assert.doesNotMatch(told, /First look|first look/);
    assert.match(told, /1 skipped: 1 has a text that somebody wrote/);
    const again = await say('backfill', 'immich', '--go');
    assert.equal(again.code, 2);
    assert.match(again.err, /There is no first look at immich to end: it is over\./);
  });
  await up.stop();
});
