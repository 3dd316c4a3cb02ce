import assert from 'node:assert/strict';
import { rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { darkroom } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

/** What each command says, for programs, of what has ended. */
async function told(dataDir: string) {
  const ask = async (...args: string[]) => {
    const { code, out, err } = await darkroom([...args, '--json', '--data-dir', dataDir], {});
    assert.equal(code, 0, err);
    return out;
  };
  return {
    trace: await ask('trace', 'IMG_0001.jpg'),
    status: await ask('status'),
    failures: await ask('failures'),
    parked: await ask('failures', 'show', 'broken.jpg'),
    backfills: await ask('backfills'),
  };
}

test('when Temporal has forgotten every run, photos, failures and backfills are told from the database', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(folder, 2);
  const broken = path.join(folder, 'broken.jpg');
  await writeFile(broken, 'no picture at all');
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(broken, longAgo, longAgo);
  const host = await startScriptedHost();
  t.after(() => host.off());

  const first = await startUp(t, { folders: [folder], hosts: [host.url], dataDir, args: ['--mode', 'batch'] });
  assert.equal(await first.exited, 0, first.lines.join('\n'));
  const again = { folders: [], hosts: [host.url], dataDir, args: ['--mode', 'monitor'] };
  const second = await startUp(t, again);
  await second.said(/^ready$/);
  const before = await told(dataDir);
  await second.stop();
  await rm(path.join(dataDir, 'temporal', 'state'), { recursive: true });

  const third = await startUp(t, again);
  await third.said(/^ready$/);
  const after = await told(dataDir);
  assert.deepEqual(storyOf(after.trace), storyOf(before.trace));
  assert.match(after.trace, /"step": "persist"/);
  assert.match(after.trace, /"text": "/);
  assert.deepEqual(librariesOf(after.status), librariesOf(before.status));
  assert.equal(after.failures, before.failures);
  assert.match(after.failures, /Undecodable/);
  assert.deepEqual(fieldOf(after.parked, 'run'), fieldOf(before.parked, 'run'));
  assert.match(after.parked, /"step": "parked"/);
  assert.equal(after.backfills, before.backfills);
  assert.match(after.backfills, /"state": "finished"/);
  assert.equal((await third.stop()).code, 0);
});

const fieldOf = (text: string, name: string): unknown =>
  z.record(z.string(), z.unknown()).parse(JSON.parse(text))[name];
const storyOf = (text: string): unknown => {
  const story = fieldOf(text, 'story');
  assert.ok(Array.isArray(story) && story.length > 0, text);
  return story;
};
const librariesOf = (text: string): unknown => {
  const libraries = fieldOf(text, 'libraries');
  assert.ok(Array.isArray(libraries) && libraries.length === 1, text);
  return libraries;
};
