import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { darkroom } from '../support/darkroom-command.ts';
import { running } from '../support/immich/running.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { startUp } from '../support/up.ts';

const status = z.object({
  libraries: z.array(z.object({ library: z.object({ kind: z.string().optional() }), peopleChanged: z.number() })),
});

test('a photo whose people are named after it was described is told in status and made anew on request', async (t) => {
  const immich = await running(t);
  const host = await startScriptedHost();
  t.after(() => host.off());
  // The model says whom it was told of.
  host.script(({ prompt }) => ({ text: `Seen: ${/People in it[^:]*: (.*)/.exec(prompt)?.[1] ?? 'nobody'}.` }));
  const owner = immich.user.id;
  const [anna, ben] = [immich.addPerson(owner, ''), immich.addPerson(owner, 'Ben')];
  const photos = {
    unnamed: immich.addAsset(owner, { people: [anna] }),
    named: immich.addAsset(owner, { people: [ben] }),
    nobody: immich.addAsset(owner),
  };
  const env = {
    IMMICH_API_URL: immich.url,
    IMMICH_API_KEY: immich.user.key,
    IMMICH_PEOPLE_WAIT: '0s',
    IMMICH_POLL_SEC: '0',
    IMMICH_VERIFY_MIN: '0',
    FIRST_LOOK: '0',
  };
  const up = await startUp(t, { folders: [], hosts: [host.url], env });
  const say = (...args: string[]) =>
    darkroom(args, { ...env, DARKROOM_DATA_DIR: up.dataDir, VISION_HOSTS: host.url, COLUMNS: '300' });
  const outdated = async () => {
    const { libraries } = status.parse(JSON.parse((await say('status', '--json')).out));
    return libraries.find(({ library }) => library.kind === 'immich')?.peopleChanged;
  };
  await up.until('all are described', async () => (await up.counts()).done === 3);
  assert.equal(immich.description(photos.unnamed), 'Seen: nobody.');
  assert.equal(immich.description(photos.named), 'Seen: Ben.');

  // A birthday changes an age in the prompt, and makes no text wrong.
  immich.changePerson(anna, { name: 'Anna' });
  immich.changePerson(ben, { birthDate: '1984-02-29' });
  assert.equal((await say('backfill', 'immich')).code, 0);
  await up.until('the pass has met it', async () => (await outdated()) === 1);
  assert.match((await say('status')).out, /1 outdated: people were named since/);
  await up.until('up says it too', () => up.lines.some((line) => /1 outdated: people were named since/.test(line)));
  assert.equal(host.calls.length, 3, 'nothing is made anew by itself');

  const plan = await say('backfill', 'immich', '--redo', 'people', '--dry-run');
  assert.match(plan.out, /people who were named since/);
  const redo = await say('backfill', 'immich', '--redo', 'people');
  assert.equal(redo.code, 0, redo.err);
  await up.until('the text has the name', () => immich.description(photos.unnamed) === 'Seen: Anna.');
  await up.until('the mark is gone', async () => (await up.counts()).done === 3 && (await outdated()) === 0);
  assert.equal(host.calls.length, 4);

  // The next pass finds nothing to mark.
  const searches = () => immich.counts().requests['POST /search/metadata'] ?? 0;
  const before = searches();
  assert.equal((await say('backfill', 'immich')).code, 0);
  await up.until('a pass went by', () => searches() > before);
  assert.equal(await outdated(), 0);
  assert.equal(immich.description(photos.named), 'Seen: Ben.');
  await up.stop();
});
