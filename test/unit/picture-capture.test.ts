import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cameraName, captureFacts, localTime } from '../../adapters/picture/capture.ts';

test('a date is read as the camera wrote it, without fraction and zone', () => {
  const expected = '2024-05-31T18:04:09';
  for (const written of [
    '2024:05:31 18:04:09',
    '2024-05-31T18:04:09',
    '2024:05:31 18:04:09.123',
    '2024:05:31 18:04:09+02:00',
    ' 2024:05:31 18:04:09Z',
  ]) {
    assert.equal(localTime(written), expected, written);
  }
  assert.equal(localTime('2024:05:31 18:04'), '2024-05-31T18:04:00');
});

test('a date that does not exist is no date', () => {
  const written =
    '0000:00:00 00:00:00|2023:02:29 10:00:00|2024:13:01 10:00:00|2024:05:31 24:00:00|2024:05:31|    :  :  |yesterday';
  for (const text of [...written.split('|'), '', undefined]) assert.equal(localTime(text), undefined, text);
});

test('the second date counts where the first is none', () => {
  const raw = { dateTimeOriginal: '0000:00:00 00:00:00', createDate: '2024:05:31 18:04:09' };
  assert.deepEqual(captureFacts(raw), { takenAt: '2024-05-31T18:04:09' });
});

test('a camera is named once', () => {
  const names = [
    ['Canon', 'Canon EOS R6', 'Canon EOS R6'],
    ['NIKON CORPORATION', 'NIKON D850', 'NIKON D850'],
    ['NIKON CORPORATION', 'COOLPIX P900', 'NIKON COOLPIX P900'],
    ['OLYMPUS IMAGING CORP.', 'E-M10', 'OLYMPUS E-M10'],
    ['Apple', 'iPhone 15', 'Apple iPhone 15'],
    ['Apple', undefined, 'Apple'],
    [undefined, 'iPhone 15', 'iPhone 15'],
    ['  samsung\0\0', 'SM-G991B\n', 'samsung SM-G991B'],
    ['', ' ', undefined],
  ] as const;
  for (const [make, model, expected] of names) assert.equal(cameraName(make, model), expected);
});

test('whatever a file says, a camera is one short line', () => {
  // Code units, so that half pairs and direction marks are among them.
  const units = fc.oneof(fc.nat(0xffff), fc.nat(0x7f), fc.constantFrom(0x200b, 0x202e, 0x2028, 0xd800));
  const text = fc.array(units, { maxLength: 200 }).map((codes) => String.fromCharCode(...codes));
  fc.assert(
    fc.property(text, text, (make, model) => {
      const name = cameraName(make, model);
      if (name === undefined) return;
      assert.ok(Array.from(name).length <= 80 && name.trim() === name && name !== '');
      assert.ok(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name) && name.isWellFormed());
    }),
  );
});

test('a place is on Earth, has six digits, and is not where phones without a fix are', () => {
  const place = (latitude?: number, longitude?: number) => captureFacts({ latitude, longitude });
  assert.deepEqual(place(-33.123456789, 70.5), { latitude: -33.123457, longitude: 70.5 });
  assert.deepEqual(place(0, 13), { latitude: 0, longitude: 13 });
  for (const [latitude, longitude] of [
    [0, 0],
    [1e-9, -1e-9],
    [91, 0],
    [1, 181],
    [NaN, 1],
    [1, undefined],
    [Infinity, 1],
  ]) {
    assert.deepEqual(place(latitude, longitude), {});
  }
  assert.ok(Object.is(place(-1e-9, 13).latitude, 0));
});

test('keywords are short lines, each once, and at most fifty', () => {
  const of = (...keywords: string[]) => captureFacts({ keywords }).keywords;
  assert.deepEqual(of(' sea\n', 'Sea', '', 'a\tb\u202e', 'x'.repeat(70)), ['sea', 'a b', 'x'.repeat(60)]);
  assert.equal(of(...Array.from({ length: 80 }, (_, at) => `k${at}`))?.length, 50);
  assert.equal(of(' ', '\0'), undefined);
});

test('a caption keeps its paragraphs and ends at 2,000 characters', () => {
  const of = (...captions: string[]) => captureFacts({ captions }).caption;
  assert.equal(of('  One.\r\nTwo\0.\r\n\r\n\n\nThree.\n'), 'One.\nTwo .\n\nThree.');
  assert.equal(of('é'.repeat(9_000))?.length, 2_000);
  assert.equal(Array.from(of('🎅'.repeat(3_000)) ?? '').length, 2_000);
  assert.equal(of('', ' \n', 'Second.'), 'Second.');
});

test('what cameras and programs write by themselves is no caption, what people write is one', () => {
  const junk =
    'OLYMPUS DIGITAL CAMERA|SONY DSC|DCIM100MEDIADJI_0042.JPG|DCIM\\100GOPRO\\GOPR1.JPG|MINOLTA DIGITAL CAMERA|' +
    'KODAK Digital Still Camera|Exif_JPEG_PICTURE|SAMSUNG|DSC_0042|IMG_20240531_180400.jpg|P1000123|cof|sdr_HDRB|' +
    '<untitled>|charset=Ascii Screenshot|Processed with VSCO|---|default';
  for (const text of junk.split('|')) assert.equal(captureFacts({ captions: [text] }).caption, undefined, text);
  const people =
    'Закат|Pictures|Imagine|夏祭り|My first digital camera, a gift|P. and me|Processed cheese|Norway 2024|Paul|Photo of Ada|5';
  for (const text of people.split('|')) assert.equal(captureFacts({ captions: [text] }).caption, text);
});
