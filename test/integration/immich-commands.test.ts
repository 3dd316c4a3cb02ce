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

test('a first look is shown, told, shown again, and ended by a word', { timeout: 1_200_000 }, async (t) => {
  const { immich, host, settings, link } = await scene(t, { FIRST_LOOK: '2' });
  const [old = '', ...newer] = immich.addAssets(immich.user.id, 5, { originalFileName: 'IMG_1.jpg' });
  immich.editByPerson(old, 'Grandma at the lake');
  const up = await startUp(t, { folders: [], hosts: [host.url], env: settings });
  const say = (...args: string[]) =>
    darkroom(args, { ...settings, DARKROOM_DATA_DIR: up.dataDir, VISION_HOSTS: host.url, COLUMNS: '300' });
  await up.said(/First look at immich: 2 photos were described/, 120_000);

  await t.test('status has it on top, with what to type, and nothing says that all is done', async () => {
    const { out, err, code } = await say('status');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^First look at immich: 2 texts wait for your word.* darkroom backfill immich --go\n/);
    assert.match(out, /photos of Ana, Immich 3\.1\.0/);
    assert.doesNotMatch(out, /paused by darkroom|up to date/);
    const told: { libraries: { library: object; immich: { firstLook: string; held: number; owner: string } }[] } =
      JSON.parse((await say('status', '--json')).out);
    const library = told.libraries.find((one) => 'immich' in one);
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
    await up.until('all are written', () => Object.keys(immich.counts().textsWritten).length === 4, 120_000);
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

test(
  'a photo of an Immich is named by file name, id or link, also before anybody has met it',
  { timeout: 1_200_000 },
  async (t) => {
    const { immich, host, settings, link } = await scene(t, { FIRST_LOOK: '0' });
    const add = (originalFileName: string, more: object = {}) =>
      immich.addAsset(immich.user.id, { originalFileName, ...more });
    const first = add('IMG_0001.jpg');
    const twin = add('IMG_0001.jpg');
    const human = add('Human.jpg');
    immich.editByPerson(human, 'Grandma at the lake');
    const up = await startUp(t, { folders: [], hosts: [host.url], env: settings });
    const env = { ...settings, DARKROOM_DATA_DIR: up.dataDir, VISION_HOSTS: host.url, COLUMNS: '300' };
    const say = (...args: string[]) => darkroom(args, env);
    await up.until('all that is wanted is done', async () => (await up.counts()).done === 2);

    await t.test('trace tells by its link where it stands, and what was written', async () => {
      for (const name of [
        first,
        link(first),
        `${link(first)}?at=1`,
        `https://photos.example.org/albums/1/photos/${first}`,
      ]) {
        const { out, err, code } = await say('trace', name);
        assert.equal(code, 0, err);
        assert.ok(out.startsWith(`IMG_0001.jpg  ${link(first)}  (immich)\n`), out);
        assert.match(out, /publish +written to Immich/);
      }
      const told: { page: string; state: string } = JSON.parse((await say('trace', first, '--json')).out);
      assert.deepEqual([told.page, told.state], [link(first), 'done']);
    });

    await t.test('of two with the same name both are listed by their links', async () => {
      const { code, err } = await say('trace', 'IMG_0001.jpg');
      assert.equal(code, 2);
      assert.match(err, /Several photos are called "IMG_0001\.jpg"/);
      for (const id of [first, twin]) assert.ok(err.includes(`  IMG_0001.jpg  ${link(id)}`), err);
    });

    await t.test('describe on one that was left alone says why and what to change', async () => {
      const { code, err } = await say('describe', 'Human.jpg');
      assert.equal(code, 1);
      assert.ok(err.includes(`Human.jpg  ${link(human)} was left alone: it has a text that somebody wrote.`), err);
      assert.match(err, /OVERWRITE_POLICY, which is none, leaves it alone; preserve-human puts ours below it/);
      assert.match((await say('trace', human)).out, /^skipped: it has a text that somebody wrote\. OVERWRITE_POLICY/m);
      assert.equal(immich.description(human), 'Grandma at the lake');
    });

    await t.test('one that nobody has met yet is fetched, described and written', async () => {
      const late = add('Late.jpg');
      const { out: _, ...unknown } = await say('trace', late);
      assert.equal(unknown.code, 2);
      assert.match(unknown.err, /"darkroom describe .*" asks Immich for it and describes it now/);
      const bare = await darkroom(['describe', late], { ...env, IMMICH_API_URL: '', IMMICH_API_KEY: '' });
      assert.equal(bare.code, 2);
      assert.match(bare.err, /this shell has no IMMICH_API_URL and IMMICH_API_KEY/);
      const { out, err, code } = await say('describe', link(late));
      assert.equal(code, 0, err);
      assert.ok(err.includes(`describing Late.jpg  ${link(late)} …`), err);
      assert.match(err, /written to Immich/);
      assert.equal(immich.description(late), out.replaceAll('\n', ' ').trim());
      const nobody = await say('describe', '00000000-0000-4000-8000-000000000000');
      assert.equal(nobody.code, 2);
      assert.match(nobody.err, /No user whose key Darkroom has owns a photo/);
    });

    await t.test('another prompt is tried on one by its link, and nothing is written', async () => {
      const [before, calls] = [immich.description(first), host.total.calls];
      const { out, err, code } = await say(
        'describe',
        link(first),
        '--prompt',
        'What is written here?',
        '--model',
        host.model,
      );
      assert.equal(code, 0, err);
      assert.match(err, /about IMG_0001\.jpg …/);
      assert.notEqual(out, '');
      assert.deepEqual([host.total.calls, immich.description(first)], [calls + 1, before]);
      assert.match(JSON.stringify(host.calls.at(-1)), /What is written here\?/);
      host.setModels([host.model, 'other-vl']);
      const compared = await say('compare', link(first), '--model', host.model, '--model', 'other-vl', '--json');
      assert.equal(compared.code, 0, compared.err);
      assert.match(compared.out, /"IMG_0001\.jpg"/);
      const sampled = await say('compare', '--limit', '1', '--model', host.model, '--model', 'other-vl', '--json');
      assert.equal(sampled.code, 0, sampled.err);
      const nobody = await say('describe', '00000000-0000-4000-8000-000000000000', '--prompt', 'x');
      assert.equal(nobody.code, 2);
      assert.match(nobody.err, /No key in IMMICH_API_KEY opens a photo/);
    });

    await t.test('prioritize takes a link, and adds a photo that is new', async () => {
      const next = add('Next.jpg');
      const { out, err, code } = await say('prioritize', link(next), 'now');
      assert.equal(code, 0, err);
      assert.ok(out.startsWith(`Next.jpg  ${link(next)}: 0 moved before everything else, 1 started`), out);
      await up.until('it is written', () => immich.description(next) !== '');
      assert.match((await say('prioritize', 'Next.jpg', 'now', '--dry-run')).out, /1 left alone \(1 described\)/);
    });

    await t.test('while writing is paused a photo is described, and written after resume', async () => {
      assert.match(
        (await say('pause', 'publish', '--reason', 'backup')).out,
        /^Paused publish until "darkroom resume"/,
      );
      const held = add('Held.jpg');
      const { finished } = host.total;
      const describing = say('describe', held);
      await up.until('it was described', () => host.total.finished === finished + 1);
      assert.match((await say('status')).out, /^publish paused by \S+ \(backup\)/);
      assert.equal(immich.description(held), '');
      assert.match((await say('resume', 'publish')).out, /^Goes on\. It was: publish paused by \S+ \(backup\)/);
      const { code, err } = await describing;
      assert.equal(code, 0, err);
      assert.match(err, /waiting: publish paused by/);
      assert.notEqual(immich.description(held), '');
    });

    await t.test('export has them', async () => {
      const { out } = await say('export', '--library', 'immich');
      const rows = out.trimEnd().split('\n');
      assert.equal(rows.length, 5);
      const [row]: { library: string; path: string; description: string }[] = rows.map((line) => JSON.parse(line));
      assert.equal(row?.library, 'immich');
      assert.match((await say('export', '--format', 'csv')).out, /Held\.jpg/);
    });
    await up.stop();
  },
);

test(
  'doctor tells of Immich whose key it is, what it lacks, and which setting to change',
  { timeout: 1_200_000 },
  async (t) => {
    const { immich, host, settings } = await scene(t, { FIRST_LOOK: '1' });
    immich.addAssets(immich.user.id, 2);
    const up = await startUp(t, { folders: [], hosts: [host.url], env: settings });
    await up.said(/First look at immich: one photo was described/, 120_000);
    const examine = async (env: Readonly<Record<string, string>> = {}) => {
      const { out, code } = await darkroom(['doctor', '--json'], {
        ...settings,
        DARKROOM_DATA_DIR: up.dataDir,
        ...env,
      });
      const { findings }: { findings: { about: string; level: string; detail: string; todo?: string }[] } =
        JSON.parse(out);
      return { code, found: findings.filter(({ about }) => about.startsWith('Immich')) };
    };

    const well = await examine();
    assert.match(
      well.found[0]?.detail ?? '',
      /^version 3\.1\.0, photos of Ana \(IMMICH_API_KEY\), faces are recognised/,
    );
    assert.ok(well.found.some(({ detail }) => /first look at immich waits for your word/.test(detail)));
    assert.ok(
      well.found.every(({ level }) => level === 'ok' || level === 'note'),
      JSON.stringify(well.found),
    );

    immich.setPermissions(immich.user.key, ['user.read', 'asset.read', 'asset.view']);
    const lacking = await examine({ IMMICH_TAGS: 'on' });
    assert.equal(lacking.code, 1);
    const said = lacking.found.map(({ level, detail }) => `${level}: ${detail}`).join('\n');
    assert.match(said, /^wrong: the key of Ana lacks asset\.update, for writing descriptions$/m);
    assert.match(said, /^note: the key of Ana lacks tag\.create, for publishing tags/m);
    assert.doesNotMatch(said, /workflow/, 'no webhook is wanted');

    immich.revokeKey(immich.user.key);
    const refused = await examine();
    assert.equal(refused.code, 1);
    assert.match(refused.found[0]?.detail ?? '', /IMMICH_API_KEY/);
    const away = await examine({ IMMICH_API_URL: 'http://127.0.0.1:9' });
    assert.equal(away.found[0]?.level, 'away');
    const elsewhere = await examine({ IMMICH_API_URL: host.url });
    assert.equal(elsewhere.found[0]?.level, 'wrong');
    assert.match(elsewhere.found[0]?.detail ?? '', /IMMICH_API_URL/);
    const unset = await examine({ IMMICH_API_URL: '', IMMICH_API_KEY: '' });
    assert.match(unset.found[0]?.detail ?? '', /^immich: this shell has no IMMICH_API_URL/);
    await up.stop();
  },
);
