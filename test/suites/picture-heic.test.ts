import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { createHeicDecoder } from '../../adapters/picture/heic.ts';
import { createPictureReader, type PictureOptions } from '../../adapters/picture/reader.ts';
import { TransientError } from '../../domain/errors.ts';
import { quadrantColours, writePicture } from '../support/pictures.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { fault, never, whole } from './picture-reader.suite.ts';

const fixture = (name: string) => readFile(new URL(`../support/fixtures/${name}`, import.meta.url));
const children = () =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);

async function setup(t: TestContext, options: Partial<PictureOptions> = {}) {
  const folder = await temporaryFolder(t);
  const reader = createPictureReader({ log: () => undefined, ...options });
  t.after(() => reader.close());
  const readBytes = async (bytes: Buffer, { longSide = 1000, signal = never, name = 'a.heic' } = {}) =>
    await reader.read({ ...(await writePicture(folder, name, bytes)), longSide, signal });
  return { reader, readBytes };
}

/** Resolves when a decoder runs. */
async function decoderRuns(): Promise<number> {
  for (;;) {
    const [pid] = children();
    if (pid !== undefined) return Number(pid);
    await sleep(2);
  }
}

test('HEIC is decoded, turned once, and its EXIF read', async (t) => {
  const { readBytes } = await setup(t);
  const upright = whole(await readBytes(await fixture('upright.heic')));
  assert.equal(await quadrantColours(upright.rendition), 'red green blue white');
  const turned = whole(await readBytes(await fixture('turned-with-exif.heic')));
  const { kind, width, height, capture } = turned.content;
  assert.deepEqual([kind, width, height], ['heic', 240, 320]);
  assert.equal(await quadrantColours(turned.rendition), 'blue red white green');
  const camera = 'Apple iPhone 15';
  assert.deepEqual(capture, { takenAt: '2024-05-31T18:04:00', camera, latitude: 52.5, longitude: 13.4 });
});

test('HEIC comes out in the long side asked for, also where it was shrunk by a whole factor first', async (t) => {
  const { readBytes } = await setup(t);
  for (const longSide of [320, 200, 160, 50, 7]) {
    const { rendition } = whole(await readBytes(await fixture('upright.heic'), { longSide }));
    const { width, height } = await sharp(rendition).metadata();
    assert.deepEqual([width, height], [longSide, Math.round(longSide * 0.75)]);
    if (longSide > 10) assert.equal(await quadrantColours(rendition), 'red green blue white');
  }
});

test('colours of a wide-gamut HEIC become sRGB, and transparency becomes white', async (t) => {
  const { readBytes } = await setup(t);
  const middle = async (bytes: Buffer) => {
    const { rendition } = whole(await readBytes(bytes));
    const { data, info } = await sharp(rendition).raw().toBuffer({ resolveWithObject: true });
    const at = ((info.height >> 1) * info.width + (info.width >> 1)) * 3;
    return [...data.subarray(at, at + 3)];
  };
  const [red = 0, green = 0, blue = 0] = await middle(await fixture('display-p3.heic'));
  // Display P3 200, 100, 50 is sRGB 216, 93, 33 by the profiles' own arithmetic.
  assert.ok(Math.abs(red - 216) + Math.abs(green - 93) + Math.abs(blue - 33) < 12, `${red} ${green} ${blue}`);
  assert.deepEqual(await middle(await fixture('transparent.heic')), [255, 255, 255]);
});

test('HEIC that is cut off, garbled or too large is refused in words', async (t) => {
  const { readBytes } = await setup(t, { maxPixels: 70_000 });
  const bytes = await fixture('turned-with-exif.heic');
  await assert.rejects(readBytes(bytes.subarray(0, bytes.length / 2)), fault('Undecodable', /ends too early/));
  const small = await fixture('display-p3.heic');
  // The box that tells the decoder its parameters.
  const garbled = Buffer.from(small);
  garbled.fill(0xff, small.indexOf('hvcC') + 8, small.indexOf('hvcC') + 60);
  await assert.rejects(readBytes(garbled), fault('Undecodable', /damaged|ends too early/));
  await assert.rejects(readBytes(bytes), fault('TooManyPixels', /240 × 320.*DARKROOM_MAX_MEGAPIXELS/));
});

test('the HEIC decoder itself refuses what is too large, whatever the header said', async () => {
  const decoder = createHeicDecoder({ mostPixels: 70_000, timeoutMs: 60_000, atOnce: 1 });
  const input = { bytes: await fixture('upright.heic'), longSide: 64, signal: never };
  await assert.rejects(decoder.decode(input), fault('TooManyPixels', /320 × 240/));
});

test('a HEIC decoder that takes too long is ended', async (t) => {
  const { readBytes } = await setup(t, { timeoutMs: 250 });
  const reading = assert.rejects(readBytes(await fixture('upright.heic')), fault('DecoderTimedOut', /0\.25 s/));
  // Stopped, it would not end by itself.
  process.kill(await decoderRuns(), 'SIGSTOP');
  await reading;
  assert.deepEqual(children(), []);
});

test('a HEIC decoder that somebody kills is started again, and ends with its caller', async (t) => {
  const { readBytes } = await setup(t, { heicAtOnce: 1 });
  const reading = readBytes(await fixture('upright.heic'));
  process.kill(await decoderRuns(), 'SIGKILL');
  whole(await reading);
  const ending = new AbortController();
  const { signal } = ending;
  const bytes = await fixture('upright.heic');
  const [running, queued] = ['a.heic', 'b.heic'].map((name) =>
    assert.rejects(readBytes(bytes, { signal, name }), /enough/),
  );
  process.kill(await decoderRuns(), 'SIGSTOP');
  ending.abort(new Error('enough'));
  await Promise.all([running, queued]);
  assert.deepEqual(children(), []);
});

test('a HEIC decoder that breaks down is the picture that cannot be decoded', async (t) => {
  const { readBytes } = await setup(t);
  const reading = assert.rejects(readBytes(await fixture('upright.heic')), fault('Undecodable', /broke down.*SIGUSR2/));
  process.kill(await decoderRuns(), 'SIGUSR2');
  await reading;
});

test('close ends the HEIC decoders, and what was being decoded is read again later', async (t) => {
  const { reader, readBytes } = await setup(t);
  const reading = assert.rejects(readBytes(await fixture('upright.heic')), TransientError);
  process.kill(await decoderRuns(), 'SIGSTOP');
  await reader.close();
  assert.deepEqual(children(), []);
  await reading;
  await assert.rejects(readBytes(await fixture('upright.heic')), TransientError);
});
