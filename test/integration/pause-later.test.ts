import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { darkroom } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type RunningUp, startUp } from '../support/up.ts';

test('a pause that was planned begins at its time, also when everything was killed over it, and resume drops it', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(folder, 100);
  const host = await startScriptedHost({ answer: () => ({ firstByteMs: 400 }) });
  t.after(() => host.off());
  const say = (...args: string[]) => darkroom(args, { DARKROOM_DATA_DIR: dataDir, COLUMNS: '200' });
  const start = () => startUp(t, { folders: [folder], hosts: [host.url], dataDir });
  const underWay = () => host.total.calls - host.total.finished;
  /** `cutOff`: calls that a kill cut off, and that never end. */
  const allIsStill = async (up: RunningUp, cutOff = 0) => {
    await up.until('the last call has ended', () => underWay() === cutOff);
    // A task that was handed out in that very moment may still come.
    await sleep(300);
    await up.until('that one too', () => underWay() === cutOff);
    const begun = host.total.calls;
    await sleep(2_000);
    assert.equal(host.total.calls, begun, 'a call began during the pause');
  };
  const up = await start();
  await up.said(/^ready$/);

  await t.test('it is told before, begins by itself, and is a pause like any other', async () => {
    const begun = host.total.calls;
    // Longer than `up` may take from one line to the next on a busy machine.
    const told = await say('pause', 'describe', '--in', '25s', '--for', '1h', '--reason', 'guests');
    assert.deepEqual([told.code, told.err], [0, '']);
    assert.match(told.out, /^Describe will be paused at .*\d\d:\d\d, until .*\d\d:\d\d\. "darkroom resume describe"/);
    await up.said(/^describe will be paused at .*\d\d:\d\d by \S+@\S+ \(guests\), until .*\d\d:\d\d$/);
    await up.said(/^describe paused by \S+@\S+ \(guests\) since .*\d\d:\d\d, until .*\d\d:\d\d$/);
    assert.ok(host.total.calls > begun, 'no call began before the pause');
    await allIsStill(up);
    const { out } = await say('status');
    assert.match(out, /^describe paused by \S+ \(guests\) since/);
    assert.doesNotMatch(out, /will be paused/);
    assert.match((await say('resume')).out, /^Goes on\. It was: describe paused by/);
  });

  await t.test('a newer plan replaces it, status shows it, and resume drops it', async () => {
    assert.equal((await say('pause', '--in', '1h', '--reason', 'first')).code, 0);
    const told = await say('pause', 'describe', '--in', '3h', '--reason', 'second');
    assert.match(told.out, /\nIt replaces: describe will be paused at .* \(first\), until "darkroom resume"\n/);
    assert.match(
      (await say('status')).out,
      /^describe will be paused at .* \(second\), .*\nreading photos, faces and publish will be paused at .* \(first\), /,
    );
    const { plannedPauses }: { plannedPauses: { queue: string; why: string; since: number }[] } = JSON.parse(
      (await say('status', '--json')).out,
    );
    assert.deepEqual(
      plannedPauses.map(({ queue, why }) => [queue, why]),
      [
        ['darkroom-vision', 'second'],
        ['darkroom-library', 'first'],
        ['darkroom-faces', 'first'],
        ['darkroom-publish', 'first'],
      ],
    );
    const resumed = await say('resume', 'describe');
    assert.match(
      resumed.out,
      /^Planned no more: describe will be paused .*\nLeft as it is: reading photos, faces and publish will be/,
    );
    assert.match(
      (await say('resume')).out,
      /^Planned no more: reading photos, faces and publish will be paused at .*\n$/,
    );
    assert.equal((await say('resume')).out, 'Nothing is paused.\n');
  });

  await t.test('what makes no sense is refused', async () => {
    for (const [args, said] of [
      [['--in', '2h', '--at', '22:00'], /cannot be used with/],
      [['--in', 'soon'], /--in soon: say for example/],
      [['--at', '2020-01-01 06:00'], /that is over already/],
      [
        ['--library', 'library', '--in', '2h'],
        /begins now: --in and --at are for "describe", "faces", "publish" and "all"/,
      ],
    ] as const) {
      const { code, err } = await say('pause', ...args);
      assert.equal(code, 2, err);
      assert.match(err, said);
    }
  });

  await t.test('it begins at the next start where everything was killed over its time', async () => {
    assert.equal((await say('pause', '--in', '3s', '--reason', 'away')).code, 0);
    const pids = (await up.run()).processes.map(({ pid }) => pid);
    await up.kill();
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended with its supervisor.
      }
    }
    await sleep(3_500);
    const cutOff = underWay();
    await makePhotos(folder, 130);
    const again = await start();
    await again.said(/^everything paused by \S+@\S+ \(away\) since .*\d\d:\d\d, until "darkroom resume"$/);
    await allIsStill(again, cutOff);
    assert.match((await say('resume')).out, /^Goes on\. It was: everything paused by \S+ \(away\)/);
    await again.until('all are described', async () => (await again.counts()).done === 130, 120_000);
    assert.equal((await again.stop()).code, 0);
  });
});
