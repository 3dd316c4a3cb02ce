import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import { boxShrink } from '../../adapters/picture/box-shrink.ts';
import { uncompressedTiff } from '../../adapters/picture/uncompressed-tiff.ts';
import { seeded } from '../support/pictures.ts';

test('shrinking averages whole blocks and leaves the odd edge out', () => {
  // Two samples per pixel; a row of five pixels has one byte of padding.
  const rows = [
    [0, 100, 2, 100, 10, 0, 30, 0, 99, 99, 7],
    [4, 100, 6, 100, 10, 0, 31, 0, 99, 99, 7],
    [99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 7],
  ];
  const plane = { width: 5, height: 3, channels: 2, stride: 11, data: Uint8Array.from(rows.flat()) };
  const { width, height, stride, data } = boxShrink(plane, 2);
  assert.deepEqual(
    { width, height, stride, data: [...data] },
    { width: 2, height: 1, stride: 4, data: [3, 100, 20, 0] },
  );
});

test('a factor of one only closes the gaps between rows', () => {
  const plane = { width: 2, height: 2, channels: 1, stride: 3, data: Uint8Array.from([1, 2, 9, 3, 4, 9]) };
  assert.deepEqual([...boxShrink(plane, 1).data], [1, 2, 3, 4]);
});

test('a picture of one colour keeps it, whatever its size and the factor', () => {
  const side = fc.integer({ min: 1, max: 30 });
  fc.assert(
    fc.property(side, side, fc.integer({ min: 1, max: 40 }), fc.nat(255), (width, height, factor, value) => {
      const data = new Uint8Array(width * height * 3).fill(value);
      const small = boxShrink({ width, height, channels: 3, stride: width * 3, data }, factor);
      assert.equal(small.data.length, small.width * small.height * 3);
      assert.ok(small.data.every((sample) => sample === value));
    }),
  );
});

test('pixels put into a TIFF come out of sharp unchanged, with their profile', async () => {
  const random = seeded(3);
  const { icc } = await sharp(
    await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
      .withIccProfile('p3')
      .png()
      .toBuffer(),
  ).metadata();
  assert.ok(icc);
  for (const channels of [3, 4]) {
    for (const profile of [undefined, icc]) {
      const data = Buffer.from(Array.from({ length: 7 * 5 * channels }, () => random() * 256));
      const tiff = uncompressedTiff({ width: 7, height: 5, channels, data, icc: profile });
      const header = await sharp(tiff).metadata();
      assert.deepEqual([header.width, header.height, header.channels], [7, 5, channels]);
      assert.deepEqual(header.icc, profile);
      assert.deepEqual(await sharp(tiff, { ignoreIcc: true }).raw().toBuffer(), data);
    }
  }
});
