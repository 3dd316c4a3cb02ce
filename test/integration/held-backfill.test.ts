import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { darkroom } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

/** Nobody listens there: the discard port. No photo is described, so the pass stays open. */
const noHost = 'http://127.0.0.1:9';

test('status and up tell of a backfill that is paused, until it is resumed', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  // More than are under way at once.
  await makePhotos(folder, 90);
  const say = (...args: string[]) => darkroom(args, { DARKROOM_DATA_DIR: dataDir, COLUMNS: '200' });
  const up = await startUp(t, { folders: [folder], hosts: [noHost], dataDir });
  await up.said(/^ready$/);
  const states = async () => {
    const { backfills }: { backfills: { library: string; state: string; reason?: string }[] | null } = JSON.parse(
      (await say('status', '--json')).out,
    );
    return backfills?.map(({ library, state, reason }) => [library, state, reason]);
  };
  await up.until('the pass has no more room', async () => (await up.counts()).open >= 64, 90_000);
  assert.deepEqual(await states(), [['library', 'running', undefined]]);

  await t.test('with its reason, its end and what makes it go on', async () => {
    const told = await say('backfills', 'pause', 'library', '--for', '2h', '--reason', 'guests');
    assert.deepEqual([told.code, told.err], [0, '']);
    const line = /^backfill library paused \(guests\) until .*\d\d:\d\d: darkroom backfills resume library$/m;
    assert.match((await say('status')).out.split('\n', 1)[0] ?? '', line);
    assert.deepEqual(await states(), [['library', 'paused', 'guests']]);
    await up.said(line);
  });

  await t.test('while no worker answers, status goes on without it', async () => {
    const engine = await up.pid('engine');
    process.kill(engine, 'SIGSTOP');
    try {
      const { code, out } = await say('status');
      assert.equal(code, 0);
      assert.match(out, /^Darkroom \d/);
      assert.deepEqual(await states(), [['library', 'running', undefined]]);
    } finally {
      process.kill(engine, 'SIGCONT');
    }
  });

  await t.test('and no more after it', async () => {
    // Before it: `up` may have said so, for good, when the first look at the status is back.
    const before = up.lines.length;
    const resumed = await say('backfills', 'resume', 'library');
    assert.deepEqual([resumed.code, resumed.err], [0, '']);
    await up.until('status does not tell of it', async () => !(await say('status')).out.includes('backfill library'));
    await up.until('up does not tell of it', () => {
      const last = up.lines.slice(before).findLastIndex((line) => line.startsWith('library  '));
      const told = up.lines.slice(before + last);
      return last >= 0 && !told.some((line) => line.startsWith('backfill library paused'));
    });
    assert.equal((await up.stop()).code, 0);
  });
});
