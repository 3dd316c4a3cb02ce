import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { darkroom } from '../support/darkroom-command.ts';
import { freePort } from '../support/free-port.ts';
import { structured, twoHosts } from '../support/two-hosts.ts';

test('describe --model asks the host that has it, prints the answer with its cost, and keeps nothing', async (t) => {
  const { folder, hostA, hostB, env } = await twoHosts(t, { b: { answer: () => ({ text: 'A quiet beach.' }) } });
  const photo = path.join(folder, 'IMG_0000.jpg');
  const prompt = 'Camera {{camera}}, file {{file_name}}. [[Tags: {{tags}}]]';
  const ended = await darkroom(['describe', photo, '--model', 'b-vl', '--prompt', prompt], {
    ...env,
    LIBRARY_FOLDERS: folder,
  });
  assert.equal(ended.code, 0, ended.err);
  assert.match(ended.out, /^A quiet beach\.\n— b-vl on http:\/\/127\.0\.0\.1:\d+, \d+\.\d s, 1024 \+ 12 tokens\n$/);
  assert.match(ended.err, new RegExp(`^asking b-vl on ${hostB.url} about IMG_0000\\.jpg`));
  assert.deepEqual([hostA.calls.length, hostB.calls.length], [0, 1]);
  assert.equal(hostB.calls[0]?.prompt, 'Camera Testcam T0, file IMG_0000.jpg.\n\nAnswer in English.');
  assert.equal(existsSync(env.DARKROOM_DATA_DIR), false);
  assert.deepEqual((await readdir(folder)).length, 6);
});

test('describe --prompt-file --output json shows all of a structured answer, and --json gives one object', async (t) => {
  const { home, folder, hostA, env } = await twoHosts(t, { a: { answer: () => ({ text: structured }) } });
  const photo = path.join(folder, 'IMG_0001.jpg');
  const file = path.join(home, 'prompt.txt');
  await writeFile(file, 'Nur die Boote.\n');
  const args = ['describe', photo, '--prompt-file', file, '--output', 'json'];
  const shown = await darkroom(args, { ...env, VISION_LANGUAGE: 'de' });
  assert.match(shown.out, /^A boat\.\nTags: boat, sea\nText in the picture: AHOY\nSafety: safe\n— a-vl on /, shown.err);
  assert.match(
    hostA.calls[0]?.prompt ?? '',
    /^Nur die Boote\.\n\nKnown [^]*Answer as JSON\. description: [^]*Answer in German\.$/,
  );
  const { out } = await darkroom([...args, '--json'], env);
  const answer: unknown = JSON.parse(out);
  assert.ok(typeof answer === 'object' && answer !== null && 'tags' in answer && 'totalMs' in answer);
  assert.deepEqual(answer.tags, ['boat', 'sea']);
});

test('a model that no host has is told with the line to run, before anything is called', async (t) => {
  const { folder, hostA, hostB, env } = await twoHosts(t, { photos: 1 });
  const photo = path.join(folder, 'IMG_0000.jpg');
  for (const args of [
    ['describe', photo, '--model', 'c-vl'],
    ['compare', photo, '--model', 'a-vl', '--model', 'c-vl'],
  ]) {
    const ended = await darkroom(args, env);
    assert.deepEqual([ended.code, ended.out], [3, ''], args[0]);
    assert.match(ended.err, /No vision host can be asked with c-vl:/);
    for (const { url } of [hostA, hostB]) assert.ok(ended.err.includes(`${url} does not have the model`), ended.err);
    assert.match(ended.err, /ollama pull c-vl/);
    assert.doesNotMatch(ended.err, /with a-vl/);
  }
  assert.equal(hostA.calls.length + hostB.calls.length, 0);
});

test('a host that is off is passed over, and named where no other has the model', async (t) => {
  const { folder, hostA, hostB, env } = await twoHosts(t, { photos: 1 });
  hostB.setModels(['a-vl']);
  await hostA.off();
  const photo = path.join(folder, 'IMG_0000.jpg');
  const other = await darkroom(['describe', photo, '--model', 'a-vl'], env);
  assert.equal(other.code, 0, other.err);
  assert.equal(hostB.calls.length, 1);
  const none = await darkroom(['describe', photo, '--model', 'a-vl', '--host', `${hostA.url}/`], env);
  assert.equal(none.code, 3);
  assert.match(none.err, new RegExp(`${hostA.url}: .*refused`));
  const notSetUp = await darkroom(['describe', photo, '--model', 'a-vl', '--host', hostB.url], {
    ...env,
    VISION_HOSTS: `http://127.0.0.1:${await freePort()}`,
    VISION_TOKEN: 'not-for-others',
  });
  assert.equal(notSetUp.code, 0, notSetUp.err);
  assert.equal(hostB.calls.at(-1)?.authorization, undefined);
});

test('what is used wrongly is said in words, with exit code 2', async (t) => {
  const { folder, hostA, env } = await twoHosts(t, { photos: 1 });
  const photo = path.join(folder, 'IMG_0000.jpg');
  const two = ['--model', 'a-vl', '--model', 'b-vl'];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ['describe', photo, '--prompt', 'On {{day}}'],
      /^--prompt: there is no placeholder \{\{day\}\}; there are \{\{date\}\}/,
    ],
    [['describe', photo, '--prompt', 'a', '--prompt-file', photo], /two prompts/],
    [['describe', photo, '--prompt-file', photo], /^--prompt-file: .*not UTF-8/],
    [['describe', photo, '--prompt', ' '], /^--prompt is empty/],
    [['describe', photo, '--host', 'gpu-box:11434'], /^--host: gpu-box:11434 is not an http/],
    [['describe', folder, '--model', 'a-vl'], /is a folder/],
    [['describe', path.join(folder, 'none.jpg'), '--model', 'a-vl'], /There is no file/],
    [['compare', photo, '--model', 'a-vl'], /2 to 6 different models/],
    [['compare', photo, '--model', 'a-vl', '--model', 'a-vl'], /2 to 6 different models/],
    [['compare', photo, ...two, '--limit', 'many'], /--limit many is not a whole number/],
    [['compare', ...two], /^Name photos or folders: no darkroom runs on /],
  ];
  for (const [args, words] of cases) {
    const ended = await darkroom(args, env);
    assert.deepEqual([ended.code, ended.out], [2, ''], `${args.join(' ')}: ${ended.err}`);
    assert.match(ended.err, words);
  }
  assert.equal(hostA.calls.length, 0);
});
