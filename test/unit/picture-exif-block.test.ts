import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import { captureFacts } from '../../adapters/picture/capture.ts';
import { readExifBlock } from '../../adapters/picture/exif-block.ts';
import { cameraExif, makePhoto } from '../support/pictures.ts';

let block: Buffer;
before(async () => {
  const { exif } = await sharp(await makePhoto({ seed: 1, exif: cameraExif })).metadata();
  assert.ok(exif);
  block = exif;
});

test('the six tags are read from a block with and without its prefix', () => {
  const expected = { takenAt: '2024-05-31T18:04:00', camera: 'Canon EOS R6', latitude: 52.5, longitude: 13.4 };
  assert.equal(block.toString('latin1', 0, 4), 'Exif');
  assert.deepEqual(captureFacts(readExifBlock(block)), expected);
  assert.deepEqual(captureFacts(readExifBlock(block.subarray(6))), expected);
});

test('south and west are negative, also in big-endian blocks', () => {
  const { latitude, longitude } = readExifBlock(bigEndianPlace('S', 'W'));
  assert.deepEqual([latitude, longitude], [-33.5, -70.1]);
});

test('a place without its hemisphere, or without all its digits, is no place', () => {
  assert.deepEqual(captureFacts(readExifBlock(bigEndianPlace('S', 'W').subarray(0, -8))), {});
  assert.deepEqual(captureFacts(readExifBlock(bigEndianPlace('\0', 'W'))), {});
});

test('random bytes are read without a throw', () => {
  const starts = fc.constantFrom(
    '',
    'Exif\0\0',
    'II*\0\x08\0\0\0',
    'MM\0*\0\0\0\x08',
    'Exif\0\0II*\0\x08\0\0\0\xff\xff',
  );
  fc.assert(
    fc.property(starts, fc.uint8Array({ maxLength: 400 }), (start, rest) => {
      captureFacts(readExifBlock(Buffer.concat([Buffer.from(start, 'latin1'), rest])));
    }),
    { numRuns: 2000 },
  );
});

test('a damaged or cut block is read without a throw, and says nothing long', () => {
  const hits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 20 });
  fc.assert(
    fc.property(hits, fc.nat(), (changes, cut) => {
      const bytes = Buffer.from(block);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      const raw = readExifBlock(bytes.subarray(0, bytes.length - (cut % bytes.length)));
      for (const value of Object.values(raw)) assert.ok(String(value).length <= 256);
      captureFacts(raw);
    }),
    { numRuns: 2000 },
  );
});

test('directories that point at themselves, or say that they are endless, end', () => {
  const loop = Buffer.from('II*\0\x08\0\0\0\x02\0', 'latin1');
  const entry = (tag: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(4, 2);
    bytes.writeUInt32LE(1, 4);
    bytes.writeUInt32LE(8, 8);
    return bytes;
  };
  assert.deepEqual(captureFacts(readExifBlock(Buffer.concat([loop, entry(0x8769), entry(0x8825)]))), {});
  const endless = Buffer.concat([Buffer.from('II*\0\x08\0\0\0\xff\xff', 'latin1'), Buffer.alloc(1_000_000, 0xff)]);
  assert.deepEqual(captureFacts(readExifBlock(endless)), {});
});

/** 33° 30′, 70° 6′ in a block with one directory for the place. */
function bigEndianPlace(latitudeSide: string, longitudeSide: string): Buffer {
  const bytes = Buffer.alloc(8 + 2 + 12 + 4 + 2 + 4 * 12 + 4 + 48);
  bytes.write('MM\0*', 'latin1');
  bytes.writeUInt32BE(8, 4);
  const put = (at: number, tag: number, type: number, count: number, value: number) => {
    bytes.writeUInt16BE(tag, at);
    bytes.writeUInt16BE(type, at + 2);
    bytes.writeUInt32BE(count, at + 4);
    bytes.writeUInt32BE(value, at + 8);
  };
  bytes.writeUInt16BE(1, 8);
  put(10, 0x8825, 4, 1, 26);
  bytes.writeUInt16BE(4, 26);
  const values = 26 + 2 + 48 + 4;
  put(28, 1, 2, 2, latitudeSide.charCodeAt(0) * 2 ** 24);
  put(40, 2, 5, 3, values);
  put(52, 3, 2, 2, longitudeSide.charCodeAt(0) * 2 ** 24);
  put(64, 4, 5, 3, values + 24);
  for (const [index, number] of [33, 1, 30, 1, 0, 1, 70, 1, 6, 1, 0, 0].entries()) {
    bytes.writeUInt32BE(number, values + index * 4);
  }
  return bytes;
}
