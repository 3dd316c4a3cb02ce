import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FileStat } from '../../domain/asset.ts';
import { faultClass, PermanentError, TransientError } from '../../domain/errors.ts';
import { assetWorkflowId, classifyName, isPlainPath, rawPathOf, showPath } from '../../domain/paths.ts';
import { renderPrompt } from '../../domain/prompt.ts';
import { canonicalJson, promptFacts } from '../../domain/recipe.ts';
import { growingWaitMs, judgeSettled, patienceMs, quietMs } from '../../domain/settle.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const sha256 = (raw: Uint8Array) => createHash('sha256').update(raw).digest('hex');
const stat = (over: Partial<FileStat> = {}): FileStat => ({ size: 1000, mtimeMs: 0, ctimeMs: 0, inode: '7', ...over });
const now = 1_000_000;

test('a file that nothing touched for the quiet period is whole at the first look', () => {
  assert.deepEqual(
    judgeSettled(undefined, { stat: stat({ mtimeMs: now - quietMs, ctimeMs: now - quietMs }), at: now }),
    { verdict: 'whole' },
  );
});

test('a file with an old mtime that was copied here a moment ago is not whole yet', () => {
  const judged = judgeSettled(undefined, { stat: stat({ ctimeMs: now - 100 }), at: now });
  assert.deepEqual(judged, { verdict: 'wait', waitMs: quietMs - 100 });
});

test('where the share has a clock ahead of ours, two equal looks far enough apart decide', () => {
  const future = stat({ mtimeMs: now + 60_000, ctimeMs: now + 60_000 });
  assert.equal(judgeSettled(undefined, { stat: future, at: now }).verdict, 'wait');
  assert.equal(judgeSettled({ stat: future, at: now }, { stat: future, at: now + quietMs }).verdict, 'whole');
  const grown = { ...future, size: 2000 };
  assert.equal(judgeSettled({ stat: future, at: now }, { stat: grown, at: now + quietMs }).verdict, 'wait');
});

test('an empty file is given half a minute, then it is what it is', () => {
  const empty = stat({ size: 0, mtimeMs: now, ctimeMs: now });
  assert.equal(judgeSettled(undefined, { stat: empty, at: now + quietMs }).verdict, 'wait');
  assert.equal(judgeSettled(undefined, { stat: empty, at: now + patienceMs }).verdict, 'empty');
});

test('an upload of an hour costs a check a minute, not one every two seconds', () => {
  let total = 0;
  let looks = 0;
  for (; total < 3_600_000; looks += 1) total += growingWaitMs(looks, quietMs);
  assert.ok(looks < 70, `${looks} looks`);
});

test('a workflow id is short enough for Temporal, readable where it can be, and one per path', () => {
  assert.equal(
    assetWorkflowId('Pictures', bytes('2024/Père Noël 🎅.jpg'), sha256),
    'asset/Pictures/2024/Père Noël 🎅.jpg',
  );
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 400 }),
      fc.uint8Array({ minLength: 1, maxLength: 400 }),
      (a, b) => {
        const [first, second] = [assetWorkflowId('Pictures', a, sha256), assetWorkflowId('Pictures', b, sha256)];
        assert.ok(first.length <= 255);
        assert.equal(first === second, Buffer.compare(a, b) === 0);
      },
    ),
  );
});

test('a shown path never breaks a line, and is the path itself where it is plain', () => {
  assert.equal(showPath(new Uint8Array([0x61, 0xff, 0x0a, 0x62])), 'a\\xff\\x0ab');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (raw) => {
      const shown = showPath(raw);
      // oxlint-disable-next-line no-control-regex -- that none is left is what is tested
      assert.doesNotMatch(shown, /[\u0000-\u001f\u007f]/);
      if (isPlainPath(raw)) assert.deepEqual(Buffer.from(shown), Buffer.from(raw));
      const back = rawPathOf(shown);
      if (back !== undefined) assert.deepEqual(Buffer.from(back), Buffer.from(raw));
    }),
  );
});

test('names tell photos from what is not supported yet and from what is no picture', () => {
  assert.equal(classifyName('IMG_1.HEIC'), 'photo');
  assert.equal(classifyName('clip.MOV'), 'unsupported');
  assert.equal(classifyName('notes.txt'), 'other');
  assert.equal(classifyName('.jpg'), 'other');
  assert.equal(classifyName('constructor'), 'other');
  assert.equal(classifyName('x.constructor'), 'other');
});

test('equal values have one canonical spelling, whatever the order of their keys', () => {
  assert.equal(canonicalJson({ b: 1, a: [true, null, 'x'], c: undefined }), '{"a":[true,null,"x"],"b":1}');
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      assert.equal(canonicalJson(value), canonicalJson(turned));
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('the prompt tells what is known and asks for the language', () => {
  const recipe = { prompt: 'Describe.', language: 'ru', models: ['m'], numCtx: 4096, numPredict: 256, longSide: 1344 };
  const facts = promptFacts({
    takenAt: '2024-05-31T18:04:00',
    camera: 'Pixel 8',
    latitude: 48.858_37,
    longitude: 2.294_48,
  });
  assert.deepEqual(facts, { takenAt: '2024-05-31T18:04:00', camera: 'Pixel 8', place: '48.86, 2.29' });
  assert.match(renderPrompt(recipe, facts), /Taken: 2024-05-31 18:04:00[\s\S]*Answer in Russian/);
  assert.doesNotMatch(renderPrompt(recipe, {}), /Known about/);
});

test('the class of a fault follows from its code', () => {
  assert.equal(faultClass[new TransientError('HostBusy', 'x').code], 'host');
  assert.equal(faultClass[new PermanentError('EmptyAnswer', 'x').code], 'content');
});
