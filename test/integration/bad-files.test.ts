import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { z } from 'zod';
import { darkroom } from '../support/darkroom-command.ts';
import { makeJpeg } from '../support/photos.ts';
import { pngClaiming } from '../support/pictures.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

const png = () =>
  sharp({ create: { width: 300, height: 200, channels: 3, background: '#a33' } })
    .png()
    .toBuffer();

/** Names as bytes, since not all of them are text. */
const write = (folder: string, name: string | Buffer, bytes: Buffer | string) =>
  writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]), bytes);

test('bad files are parked, gone or counted, each with words; good ones beside them are described', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'library');
  for (const sub of ['a', 'b']) await mkdir(path.join(folder, sub), { recursive: true });
  const whole = await makeJpeg(1);
  await write(folder, 'zero.jpg', '');
  await write(folder, 'cut.jpg', whole.subarray(0, whole.length / 2));
  await write(folder, 'huge.png', pngClaiming(30_000, 30_000));
  await write(folder, 'text.jpg', 'I am no picture\n');
  await write(folder, 'really-a-png.jpg', await png());
  await write(folder, 'raw.cr2', 'x');
  await write(folder, 'movie.MP4', 'x');
  await write(folder, 'notes.txt', 'x');
  const caf = Buffer.from('caf\xe9.jpg', 'latin1');
  const odd = ['two words.jpg', 'new\nline.jpg', 'smile 😀.jpg', caf, 'a/same.jpg', 'b/same.jpg'];
  for (const [at, name] of odd.entries()) await write(folder, name, await makeJpeg(10 + at));

  const host = await startScriptedHost();
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url] });
  const env = { DARKROOM_DATA_DIR: up.dataDir };
  const stateOf = async (name: string) =>
    (await up.query((queries) => queries.findByPath(path.join(folder, name), 1)))[0]?.state;
  await up.said(/^ready/);

  // An empty file is waited for, as its upload may have begun: time enough to take it away.
  for (const name of ['vanished.jpg', 'replaced.jpg']) await write(folder, name, '');
  await up.until('both are noticed', async () =>
    (await Promise.all(['vanished.jpg', 'replaced.jpg'].map(stateOf))).every((state) => state === 'new'),
  );
  await rm(path.join(folder, 'vanished.jpg'));
  await rm(path.join(folder, 'replaced.jpg'));
  await mkdir(path.join(folder, 'replaced.jpg'));
  await write(folder, 'replaced.jpg/inside.jpg', await makeJpeg(20));

  await t.test('every one of them comes to its end', async () => {
    await up.until(
      'four parked, two gone, eight described',
      async () => {
        const { parked, gone, done } = await up.counts();
        return parked === 4 && gone === 2 && done === 8;
      },
      90_000,
    );
    assert.deepEqual(await up.counts(), {
      new: 0,
      open: 0,
      waiting: 0,
      done: 8,
      parked: 4,
      gone: 2,
      unsupported: 2,
      skipped: 0,
    });
    assert.equal(host.total.calls, 8, 'no bad file reached a host');
  });

  await t.test('status says what is wrong with the bad ones, and fits 60 columns', async () => {
    const { code, out } = await darkroom(['status'], { ...env, COLUMNS: '60' });
    assert.equal(code, 0);
    const words = out.replace(/\s+/g, ' ');
    assert.match(words, /8\/12 described · 4 parked · 2 gone · 2 not supported yet/);
    assert.match(words, /1 EmptyFile in library: The file is empty\. Copy it here again.* \(zero\.jpg\)/);
    assert.match(
      words,
      /1 TooManyPixels in library: .*30000 × 30000 .* Raise DARKROOM_MAX_MEGAPIXELS .* \(huge\.png\)/,
    );
    assert.match(words, /2 Undecodable in library: /);
    for (const line of out.split('\n')) assert.ok(line.length <= 60 || !line.trim().includes(' '), line);
  });

  await t.test('trace tells each one its own reason', async () => {
    const reasons = {
      'zero.jpg': /^parked$[^]*EmptyFile: The file is empty/m,
      'cut.jpg': /^parked$[^]*Undecodable: the file ends too early.*Was it copied in full\?/m,
      'huge.png': /^parked$[^]*TooManyPixels: The picture is larger \(30000 × 30000/m,
      'text.jpg': /^parked$[^]*Undecodable: not a picture/m,
      'vanished.jpg': /^gone$[^]*no file of this name any more/m,
      'replaced.jpg': /^gone$/m,
      'really-a-png.jpg': /^done$[^]*A scripted picture/m,
      'movie.MP4': /^unsupported/m,
    };
    for (const [name, pattern] of Object.entries(reasons)) {
      const { code, out } = await darkroom(['trace', name], { ...env, COLUMNS: '200' });
      assert.equal(code, 0, name);
      assert.match(out, pattern);
    }
  });

  await t.test('odd names are found, as they are typed and as they are shown; two of one name are listed', async () => {
    const names = [
      'new\nline.jpg',
      'new\\x0aline.jpg',
      'smile 😀.jpg',
      'caf\\xe9.jpg',
      path.join(folder, 'two words.jpg'),
    ];
    for (const name of names) {
      const { code, out, err } = await darkroom(['trace', name, '--json'], env);
      assert.equal(code, 0, err);
      assert.equal(z.looseObject({ state: z.string() }).parse(JSON.parse(out)).state, 'done');
    }
    const several = await darkroom(['trace', 'same.jpg'], env);
    assert.deepEqual([several.code, several.out], [2, '']);
    assert.match(several.err, /Several photos[^]*library\/a\/same\.jpg\n {2}library\/b\/same\.jpg/);
    const none = await darkroom(['trace', 'caf\uFFFD.jpg'], env);
    assert.equal(none.code, 2);
    assert.match(none.err, /as they are shown, for example \\xff/);
  });

  await t.test('describe refuses what is no photo, and says why a photo could not be done', async () => {
    const refused = [
      ['nowhere.jpg', 2, /There is no file .*nowhere\.jpg/],
      ['notes.txt', 2, /not a photo of a supported format \(JPEG/],
      ['a', 2, /is a folder\. For all that is in it: darkroom up/],
      ['text.jpg', 1, /not a picture/],
    ] as const;
    for (const [name, code, words] of refused) {
      const ended = await darkroom(['describe', path.join(folder, name)], env);
      assert.equal(ended.code, code, ended.err);
      assert.match(ended.err, words);
    }
    const good = await darkroom(['describe', path.join(folder, 'smile 😀.jpg'), '--json'], env);
    assert.equal(z.looseObject({ outcome: z.string() }).parse(JSON.parse(good.out)).outcome, 'done');
  });

  await t.test('export has every description, on lines that parse', async () => {
    const { code, out } = await darkroom(['export'], env);
    assert.equal(code, 0);
    const paths = out
      .trim()
      .split('\n')
      .map((line) => z.looseObject({ path: z.string() }).parse(JSON.parse(line)).path);
    assert.equal(paths.length, 8);
    assert.ok(paths.includes('new\\x0aline.jpg') && paths.includes('caf\\xe9.jpg'), paths.join('\n'));
  });

  await t.test(
    'a good file put in the place of a bad one is described, and a deleted one is no longer asked for',
    async () => {
      await write(folder, 'text.jpg', await makeJpeg(30));
      await write(folder, 'zero.jpg', await makeJpeg(31));
      await rm(path.join(folder, 'huge.png'));
      await rm(path.join(folder, 'cut.jpg'));
      await mkdir(path.join(folder, 'cut.jpg'));
      await up.until('nothing is parked any more', async () => {
        const { parked, gone, done } = await up.counts();
        return parked === 0 && gone === 4 && done === 10;
      });
      const { out } = await darkroom(['status', '--json'], env);
      assert.deepEqual(z.looseObject({ parked: z.array(z.unknown()) }).parse(JSON.parse(out)).parked, []);
    },
  );
  assert.equal((await up.stop()).code, 0);
});
