import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { darkroom } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

/** Long enough for several calls of 200 ms, had they been allowed. */
const silence = 2_500;

test('one library or one host is paused and goes on, and the others work meanwhile', async (t) => {
  const home = await temporaryFolder(t);
  const [first, second, dataDir] = ['first', 'second', 'data'].map((name) => path.join(home, name));
  assert.ok(first !== undefined && second !== undefined && dataDir !== undefined);
  await makePhotos(first, 6);
  const hosts = await Promise.all([0, 1].map(() => startScriptedHost({ answer: () => ({ firstByteMs: 200 }) })));
  t.after(() => Promise.all(hosts.map((host) => host.off())));
  const [left, right] = hosts;
  assert.ok(left !== undefined && right !== undefined);
  const say = (...args: string[]) => darkroom(args, { DARKROOM_DATA_DIR: dataDir, COLUMNS: '200' });
  const up = await startUp(t, { folders: [first], hosts: hosts.map(({ url }) => url), dataDir });
  const described = async () => {
    const counts = await up.query((queries) => queries.counts());
    return Object.fromEntries(counts.map(({ library, counts }) => [library.name, counts.done]));
  };
  await up.until('the first library is described', async () => (await described())['first'] === 6);

  await t.test('photos of a paused library wait, with the reason told, and others do not', async () => {
    const told = await say('pause', '--library', 'first', '--reason', 'sorting');
    assert.deepEqual([told.code, told.err], [0, '']);
    assert.match(told.out, /^Paused library first until "darkroom resume --library first"\./);
    const before = left.total.calls + right.total.calls;
    await makePhotos(first, 12);
    await up.said(
      /^library first paused by \S+@\S+ \(sorting\) since \d\d:\d\d, until "darkroom resume --library first"$/,
    );
    await up.until('the new ones are read', async () => (await up.counts()).open > 0);
    await sleep(silence);
    assert.equal(left.total.calls + right.total.calls, before, 'a call began during the pause');
    assert.match((await say('status')).out, /^library first paused by \S+ \(sorting\) since/);
    const { pausedLibraries }: { pausedLibraries: { name: string; why: string }[] } = JSON.parse(
      (await say('status', '--json')).out,
    );
    assert.deepEqual(
      pausedLibraries.map(({ name, why }) => [name, why]),
      [['first', 'sorting']],
    );
    // A photo that is in no library of its own goes on.
    await makePhotos(second, 1);
    const other = await say('describe', path.join(second, 'IMG_0000.jpg'));
    assert.equal(other.code, 0, other.err);
  });

  await t.test('resume without a name leaves it and says so; with its name all are described, once', async () => {
    assert.match((await say('resume')).out, /^Left as it is: library first paused by/);
    assert.match((await say('resume', '--library', 'first')).out, /^Goes on\. It was: library first paused by/);
    await up.until('all are described', async () => (await described())['first'] === 12, 90_000);
    assert.match((await say('resume', '--library', 'first')).out, /^library first is not paused\./);
  });

  await t.test('a paused host gets no call and the other one gets them all', async () => {
    const told = await say('pause', '--host', new URL(left.url).host, '--for', '1h', '--reason', 'gaming');
    assert.deepEqual([told.code, told.err], [0, '']);
    assert.ok(told.out.startsWith(`Paused host ${left.url} until `), told.out);
    await up.said(/^host http\S+ paused by \S+ \(gaming\) since/);
    await sleep(2_000);
    const [before, others] = [left.total.calls, right.total.calls];
    await makePhotos(first, 18);
    await up.until('all are described', async () => (await described())['first'] === 18, 90_000);
    assert.equal(left.total.calls, before);
    assert.equal(right.total.calls, others + 6);
    assert.match((await say('hosts')).out, /paused 0\/1/);
    assert.match((await say('resume', '--host', left.url)).out, /^Goes on\. It was: host http/);
    await makePhotos(first, 24);
    await up.until('it works again', () => left.total.calls > before, 90_000);
  });

  await t.test('a window is added, listed, overruled and removed by command', async () => {
    const hour = new Date(Date.now() + 7_200_000).getUTCHours();
    const [from, to] = [`${hour}:00`, `${(hour + 1) % 24}:00`];
    const told = await say('window', 'add', 'night', '--what', 'describe', '--from', from, '--to', to, '--zone', 'utc');
    assert.deepEqual([told.code, told.err], [0, '']);
    assert.match(told.out, /^Describe works only \d\d:00 to \d\d:00 UTC\.\nIt is closed until /);
    await up.said(/^describe paused by window night \(only \d\d:00 to \d\d:00 UTC\) since .*, until /);
    const { windows }: { windows: { name: string; open: boolean }[] } = JSON.parse((await say('window', '--json')).out);
    assert.deepEqual(
      windows.map(({ name, open }) => [name, open]),
      [['night', false]],
    );
    const resumed = await say('resume');
    assert.match(
      resumed.out,
      /^Goes on\. It was: describe paused by window night .*\nIt is paused again when its window/,
    );
    assert.doesNotMatch((await say('status')).out, /paused/);
    assert.match((await say('window', 'remove', 'night')).out, /^Removed window night /);
    assert.match((await say('window', 'list')).out, /^No windows/);
    assert.equal((await say('window', 'remove', 'night')).code, 2);
    assert.equal((await say('window', 'add', 'night', '--from', from)).code, 2);
  });

  await t.test('what cannot be meant is refused with what there is', async () => {
    for (const [args, said] of [
      [['pause', '--library', 'nobody'], /There is no library called "nobody"\. There are: first, files\./],
      [['pause', '--host', 'nobody'], /There is no host "nobody"\. The hosts are: http/],
      [['pause', '--host', 'http'], /"http" may be http/],
      [['pause', 'describe', '--library', 'first'], /Say either "describe", or --library or --host/],
      [['pause', '--host', 'a', '--library', 'first'], /cannot be used with/],
    ] as const) {
      const { code, err } = await say(...args);
      assert.equal(code, 2, err);
      assert.match(err, said);
    }
  });
});
