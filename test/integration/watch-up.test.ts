import assert from 'node:assert/strict';
import { appendFile, copyFile, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '../../runtime/sha256.ts';
import { makeJpeg, makePhotos } from '../support/photos.ts';
import { type ScriptedHost, startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type RunningUp, startUp } from '../support/up.ts';

/** Everything from here to the end of a file's story: a photo as `trace` would see it. */
async function look(up: RunningUp, name: string) {
  return await up.query(async (queries) => {
    const [found] = await queries.findByPath(name, 1);
    const run = found === undefined ? undefined : await queries.lastRun(found.asset.assetId);
    return { state: found?.state, hash: found?.content?.hash, text: found?.description?.text, run: run?.runId };
  });
}

const untilDone = (up: RunningUp, name: string, bytes: Uint8Array) =>
  up.until(`${name} is described with its last bytes`, async () => {
    const { state, hash, text } = await look(up, name);
    return state === 'done' && hash === sha256(bytes) && text !== undefined;
  });

/** No photo is on its way. */
async function isQuiet(up: RunningUp): Promise<boolean> {
  const { new: fresh, open, waiting } = await up.counts();
  return fresh + open + waiting === 0;
}

async function startWatching(
  t: TestContext,
): Promise<{ up: RunningUp; host: ScriptedHost; folder: string; home: string }> {
  const home = await temporaryFolder(t);
  const folder = path.join(home, 'library');
  await makePhotos(folder, 1);
  const host = await startScriptedHost();
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url] });
  await up.until(
    'the photo that was there is described',
    async () => (await look(up, 'IMG_0000.jpg')).state === 'done',
  );
  return { up, host, folder, home };
}

test('whatever happens to files while up runs, each picture is described once', async (t) => {
  const { up, host, folder, home } = await startWatching(t);
  const at = (name: string) => path.join(folder, name);
  let pictures = 1;
  const newPicture = async () => {
    pictures += 1;
    return await makeJpeg(100 + pictures);
  };

  await t.test('a photo that is copied in is noticed and described', async () => {
    const bytes = await newPicture();
    await writeFile(at('copied.jpg'), bytes);
    await untilDone(up, 'copied.jpg', bytes);
  });

  await t.test('a file that is written slowly is described when it is whole', async () => {
    const bytes = await newPicture();
    for (let part = 0; part < 10; part += 1) {
      await appendFile(at('slow.jpg'), bytes.subarray((bytes.length * part) / 10, (bytes.length * (part + 1)) / 10));
      await sleep(500);
    }
    await untilDone(up, 'slow.jpg', bytes);
    assert.equal(host.total.calls, pictures);
  });

  await t.test('a file that is only touched is looked at, and no model is asked', async () => {
    const { run } = await look(up, 'copied.jpg');
    await utimes(at('copied.jpg'), new Date(), new Date());
    await up.until('there was another run', async () => (await look(up, 'copied.jpg')).run !== run);
    assert.equal((await look(up, 'copied.jpg')).state, 'done');
    assert.equal(host.total.calls, pictures);
  });

  await t.test('the same bytes under another name get the text that is known', async () => {
    await copyFile(at('copied.jpg'), at('again.jpg'));
    await up.until('it is done', async () => (await look(up, 'again.jpg')).state === 'done');
    assert.equal((await look(up, 'again.jpg')).text, (await look(up, 'copied.jpg')).text);
    assert.equal(host.total.calls, pictures);
  });

  await t.test('a folder that is moved in is noticed with all that is in it', async () => {
    const photos = [await newPicture(), await newPicture()];
    await mkdir(path.join(home, 'elsewhere', 'inner'), { recursive: true });
    await writeFile(path.join(home, 'elsewhere', 'moved.jpg'), photos[0] ?? '');
    await writeFile(path.join(home, 'elsewhere', 'inner', 'moved-too.jpg'), photos[1] ?? '');
    await rename(path.join(home, 'elsewhere'), at('trip'));
    await untilDone(up, 'trip/moved.jpg', photos[0] ?? Buffer.of());
    await untilDone(up, 'trip/inner/moved-too.jpg', photos[1] ?? Buffer.of());
  });

  await t.test('a renamed file is done under its new name, with no model call', async () => {
    await rename(at('slow.jpg'), at('renamed.jpg'));
    await up.until('the new name is done', async () => (await look(up, 'renamed.jpg')).state === 'done');
    assert.equal(host.total.calls, pictures);
  });

  await t.test('a file that changes while its call is under way is done again afterwards, once', async () => {
    const [first, second] = [await newPicture(), await newPicture()];
    host.script(() => ({ firstByteMs: 4_000 }));
    await writeFile(at('changing.jpg'), first);
    await up.until('its call is under way', () => host.total.calls === pictures - 1);
    host.script(() => ({}));
    await writeFile(at('changing.jpg'), second);
    await untilDone(up, 'changing.jpg', second);
  });

  await t.test('a file that is deleted again before it is whole is gone, and no failure', async () => {
    await writeFile(at('short-lived.jpg'), await makeJpeg(300));
    await up.until('it is noticed', async () => (await look(up, 'short-lived.jpg')).state === 'new');
    await rm(at('short-lived.jpg'));
    await up.until('it is gone', async () => (await look(up, 'short-lived.jpg')).state === 'gone');
  });

  await t.test('a file that is deleted keeps its text, and the others go on', async () => {
    const { text } = await look(up, 'again.jpg');
    await rm(at('again.jpg'));
    const bytes = await newPicture();
    await writeFile(at('after.jpg'), bytes);
    await untilDone(up, 'after.jpg', bytes);
    assert.equal((await look(up, 'again.jpg')).text, text);
  });

  await up.until('nothing is open any more', () => isQuiet(up));
  assert.deepEqual([host.total.calls, host.total.finished], [pictures, pictures]);
  for (const { calls } of host.pictures.values()) assert.equal(calls, 1, 'one call for each picture');
  const counts = await up.counts();
  assert.deepEqual({ done: counts.done, gone: counts.gone, parked: counts.parked }, { done: 9, gone: 1, parked: 0 });
});

test('what came, changed and went while up was down is found at the next start', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(folder, 3);
  const host = await startScriptedHost();
  t.after(() => host.off());
  const first = await startUp(t, { folders: [folder], hosts: [host.url], dataDir });
  await first.until('all three are described', async () => (await first.counts()).done === 3);
  assert.equal((await first.stop()).code, 0);

  const [changed, fresh] = [await makeJpeg(201), await makeJpeg(202)];
  await writeFile(path.join(folder, 'IMG_0000.jpg'), changed);
  await rm(path.join(folder, 'IMG_0001.jpg'));
  await writeFile(path.join(folder, 'fresh.jpg'), fresh);
  const second = await startUp(t, { folders: [], hosts: [host.url], dataDir });
  await untilDone(second, 'fresh.jpg', fresh);
  await untilDone(second, 'IMG_0000.jpg', changed);
  await second.until('nothing is open any more', () => isQuiet(second));
  assert.equal(host.total.calls, 5);
  for (const { calls } of host.pictures.values()) assert.equal(calls, 1, 'one call for each picture');
});
