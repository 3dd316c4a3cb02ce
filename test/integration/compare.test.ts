import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { darkroom, entry, processesOn } from '../support/darkroom-command.ts';
import { structured, twoHosts } from '../support/two-hosts.ts';
import { startUp } from '../support/up.ts';

test('compare puts the answers of the models beside each other where it is wide, below each other in a pipe', async (t) => {
  const { folder, hostA, hostB, env } = await twoHosts(t, {
    a: { answer: () => ({ text: 'Left.' }) },
    b: { answer: () => ({ text: structured }) },
  });
  const args = ['compare', folder, '--limit', '2', '--model', 'a-vl', '--model', 'b-vl', '--output', 'json'];
  const wide = await darkroom(args, { ...env, COLUMNS: '90' });
  // Not JSON, although it was asked for: one model's failure does not stop the other.
  assert.equal(wide.code, 1, wide.err);
  hostA.script(() => ({ text: structured.replace('A boat', 'Left') }));
  const beside = await darkroom(args, { ...env, COLUMNS: '90' });
  assert.equal(beside.code, 0, beside.err);
  assert.match(beside.out, /^IMG_0001\.jpg\n\na-vl {42}b-vl\n────/);
  assert.match(beside.out, /\nLeft\. {41}A boat\.\nTags: boat, sea {31}Tags: boat, sea\n/);
  assert.match(
    beside.out,
    /\nmodel +host +answers +seconds +per photo +tokens +tokens\/s\na-vl +http\S+ +2 of 2 .*2048 \+ 24/,
  );
  const narrow = await darkroom(args, { ...env, COLUMNS: '50' });
  const pipe = await darkroom(args, env);
  for (const { out } of [narrow, pipe]) {
    assert.match(out, /\nIMG_0004\.jpg\n\n {2}a-vl\n {4}Left\.\n[^]*\n {2}b-vl\n {4}A boat\.\n {4}Tags: boat, sea\n/);
  }
  for (const mark of ['\r', '\u001B']) assert.ok(!`${pipe.out}${pipe.err}`.includes(mark));
  // The same two photos every time, and each by both models.
  assert.deepEqual([hostA.pictures.size, hostB.pictures.size], [2, 2]);
});

test('a photo that fails is shown as such, stops nothing, and the exit code says so', async (t) => {
  const { home, folder, env } = await twoHosts(t, {
    photos: 1,
    b: { answer: (_call, nth) => (nth === 1 ? { text: '' } : {}) },
  });
  const torn = path.join(home, 'torn.jpg');
  await writeFile(torn, 'no picture');
  const good = path.join(folder, 'IMG_0000.jpg');
  const args = ['compare', torn, good, good, '--model', 'a-vl', '--model', 'b-vl'];
  const shown = await darkroom(args, env);
  assert.equal(shown.code, 1);
  assert.match(shown.out, /torn\.jpg\n\n {2}a-vl\n {4}FAILED: /);
  assert.match(shown.out, /FAILED: b-vl on \S+ answered nothing/);
  assert.match(shown.out, /a-vl +http\S+ +2 of 3, 1 failed/);
  assert.match(shown.out, /b-vl +http\S+ +1 of 3, 2 failed/);
  const json: unknown = JSON.parse((await darkroom([...args, '--json'], env)).out);
  assert.ok(typeof json === 'object' && json !== null && 'photos' in json && Array.isArray(json.photos));
  assert.equal(json.photos.length, 3);
  assert.match(JSON.stringify(json.photos[0]), /"model":"a-vl","host":"http[^}]*"error":/);
});

test('models on different hosts are asked at the same time, on one host one after the other, loaded first', async (t) => {
  let bothBusy = 0;
  const waiting: { a: number; b: number } = { a: 0, b: 0 };
  const noting = (host: 'a' | 'b') => () => {
    waiting[host] += 1;
    if (waiting.a > 0 && waiting.b > 0) bothBusy += 1;
    return { firstByteMs: 300 };
  };
  const { folder, hostA, hostB, env } = await twoHosts(t, {
    photos: 2,
    a: { serialise: false, loaded: false, answer: noting('a') },
    b: { serialise: false, answer: noting('b') },
  });
  hostA.setModels(['a-vl', 'c-vl']);
  const models = ['a-vl', 'b-vl', 'c-vl'].flatMap((model) => ['--model', model]);
  const ended = await darkroom(['compare', folder, ...models], env);
  assert.equal(ended.code, 0, ended.out + ended.err);
  assert.deepEqual(
    hostA.calls.map(({ model }) => model),
    ['a-vl', 'a-vl', 'c-vl', 'c-vl'],
  );
  assert.deepEqual([hostA.total.mostAtOnce, hostB.total.mostAtOnce], [1, 1]);
  assert.deepEqual(
    hostA.loads.map(({ model }) => model),
    ['a-vl', 'c-vl'],
  );
  assert.equal(hostB.loads.length, 0);
  assert.ok(bothBusy > 0);
});

test('Ctrl-C prints what is there, and breaks off the calls', async (t) => {
  const { folder, hostB, env } = await twoHosts(t, { photos: 2, b: { answer: () => ({ firstByteMs: 60_000 }) } });
  const child = spawn(process.execPath, [entry, 'compare', folder, '--model', 'a-vl', '--model', 'b-vl'], {
    env: { ...process.env, LIBRARY_FOLDERS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  for (let looks = 0; hostB.calls.length === 0 && looks < 300; looks += 1) await sleep(50);
  child.kill('SIGINT');
  const [out, err] = await printed;
  assert.equal(child.exitCode, 1, err);
  assert.match(out, /IMG_0000\.jpg\n\n {2}a-vl\n {4}A scripted picture/);
  assert.match(out, / {2}b-vl\n {4}\(no answer\)/);
  assert.match(out, /b-vl +http\S+ +0 of 2 [^]*\nInterrupted: the rest was not asked\.\n$/);
  assert.deepEqual([hostB.calls.length, hostB.total.finished], [1, 0]);
});

test('beside a running up, compare takes a spread sample of its libraries, and its hosts where no others are named', async (t) => {
  const { home, folder, hostA, hostB, env } = await twoHosts(t, { photos: 9 });
  await mkdir(path.join(folder, 'sub'));
  const up = await startUp(t, { folders: [folder], hosts: [hostA.url, hostB.url], env: { VISION_MODEL: 'a-vl' } });
  await up.until('all are described', async () => (await up.counts()).done === 9);
  const before = hostA.total.calls;
  const here = { ...env, DARKROOM_DATA_DIR: up.dataDir, VISION_HOSTS: '' };
  const args = ['compare', '--limit', '3', '--model', 'a-vl', '--model', 'b-vl', '--json'];
  const [first, second] = [await darkroom(args, here), await darkroom(args, here)];
  assert.equal(first.code, 0, first.err);
  const shown = [...first.out.matchAll(/"photo": "(.*)"/g)].map(([, name]) => name);
  assert.deepEqual(shown, ['IMG_0001.jpg', 'IMG_0004.jpg', 'IMG_0007.jpg']);
  assert.deepEqual(
    [...second.out.matchAll(/"photo": "(.*)"/g)].map(([, name]) => name),
    shown,
  );
  assert.equal(hostA.total.calls - before, 6);
  // Nothing of it is known to the library.
  const rows = await darkroom(['export'], here);
  assert.equal(rows.out.trim().split('\n').length, 9);
  assert.doesNotMatch(rows.out, /b-vl/);
  assert.equal((await up.stop()).code, 0);
  assert.deepEqual(await processesOn(home), []);
});
