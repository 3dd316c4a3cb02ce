import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import sharp from 'sharp';
import { PermanentError } from '../../domain/errors.ts';
import type { PictureReader, PictureReading } from '../../domain/ports.ts';
import { makePhoto, pngClaiming, quadrantColours, quadrants, seeded, writePicture } from '../support/pictures.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export const never = new AbortController().signal;
export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** The reading, where it must be one. */
export function whole(reading: PictureReading) {
  assert.equal(reading.kind, 'read');
  return reading;
}

/** For `assert.rejects`: this code, and these words in the message. */
export const fault = (code: PermanentError['code'], words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PermanentError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

/** What every PictureReader makes of a file's bytes. `make` gives one that reads the files of this machine. */
export function pictureReaderSuite(name: string, make: (t: TestContext) => PictureReader): void {
  const setup = async (t: TestContext) => {
    const [folder, reader] = [await temporaryFolder(t), make(t)];
    const readBytes = async (fileName: string | Buffer, bytes: Buffer) =>
      await reader.read({ ...(await writePicture(folder, fileName, bytes)), longSide: 64, signal: never });
    return { readBytes };
  };

  test(`${name}: tells hash, size, kind and upright measures, and makes a JPEG of the long side asked for`, async (t) => {
    const { readBytes } = await setup(t);
    const bytes = await quadrants(200, 100).jpeg().toBuffer();
    const { content, rendition } = whole(await readBytes('a.jpg', bytes));
    assert.deepEqual(content, {
      hash: sha256(bytes),
      bytes: bytes.length,
      kind: 'jpeg',
      width: 200,
      height: 100,
      capture: {},
    });
    const { format, width, height, space } = await sharp(rendition).metadata();
    assert.deepEqual({ format, width, height, space }, { format: 'jpeg', width: 64, height: 32, space: 'srgb' });
    assert.equal(await quadrantColours(rendition), 'red green blue white');
  });

  test(`${name}: turns all eight orientations upright`, async (t) => {
    const { readBytes } = await setup(t);
    const expected = [
      'red green blue white',
      'green red white blue',
      'white blue green red',
      'blue white red green',
      'red blue green white',
      'blue red white green',
      'white green blue red',
      'green white red blue',
    ];
    for (const [index, colours] of expected.entries()) {
      const orientation = index + 1;
      const bytes = await quadrants(80, 40).jpeg().withMetadata({ orientation }).toBuffer();
      const { content, rendition } = whole(await readBytes(`${orientation}.jpg`, bytes));
      assert.equal(await quadrantColours(rendition), colours, `orientation ${orientation}`);
      const turned = orientation >= 5;
      assert.deepEqual([content.width, content.height], turned ? [40, 80] : [80, 40]);
      const { orientation: left, exif, xmp, icc } = await sharp(rendition).metadata();
      assert.deepEqual({ left, exif, xmp, icc }, { left: undefined, exif: undefined, xmp: undefined, icc: undefined });
    }
  });

  test(`${name}: never enlarges`, async (t) => {
    const { readBytes } = await setup(t);
    const { rendition } = whole(await readBytes('tiny.png', await quadrants(3, 2).png().toBuffer()));
    const { width, height } = await sharp(rendition).metadata();
    assert.deepEqual([width, height], [3, 2]);
  });

  test(`${name}: knows every kind by its bytes, whatever the name says`, async (t) => {
    const { readBytes } = await setup(t);
    const picture = () => quadrants(100, 80);
    const kinds = {
      jpeg: await picture().jpeg().toBuffer(),
      png: await picture().png().toBuffer(),
      webp: await picture().webp({ quality: 100 }).toBuffer(),
      tiff: await picture().tiff().toBuffer(),
      gif: await picture().gif().toBuffer(),
      avif: await picture().avif({ effort: 0 }).toBuffer(),
    };
    for (const [kind, bytes] of Object.entries(kinds)) {
      const { content, rendition } = whole(await readBytes(kind === 'jpeg' ? 'a.png' : 'a.jpg', bytes));
      assert.equal(content.kind, kind);
      assert.equal(await quadrantColours(rendition), 'red green blue white', kind);
    }
  });

  test(`${name}: makes sRGB of CMYK, of 16 bits, of grey, and puts transparency on white`, async (t) => {
    const { readBytes } = await setup(t);
    const odd = {
      'cmyk.jpg': await quadrants(64, 64).toColourspace('cmyk').jpeg().toBuffer(),
      'deep.png': await quadrants(64, 64).toColourspace('rgb16').png().toBuffer(),
    };
    for (const [fileName, bytes] of Object.entries(odd)) {
      const { rendition } = whole(await readBytes(fileName, bytes));
      assert.equal(await quadrantColours(rendition), 'red green blue white', fileName);
    }
    const grey = await quadrants(64, 64).greyscale().jpeg().toBuffer();
    assert.equal((await sharp(whole(await readBytes('grey.jpg', grey)).rendition).metadata()).space, 'srgb');
    const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: '#00000000' } })
      .png()
      .toBuffer();
    const { data } = await sharp(whole(await readBytes('clear.png', clear)).rendition)
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.deepEqual([...data.subarray(0, 3)], [255, 255, 255]);
  });

  test(`${name}: takes the first frame of an animation`, async (t) => {
    const { readBytes } = await setup(t);
    const frames = [await quadrants(40, 40).png().toBuffer(), await quadrants(40, 40).negate().png().toBuffer()];
    for (const kind of ['gif', 'webp'] as const) {
      const bytes = await sharp(frames, { join: { animated: true } })
        .toFormat(kind)
        .toBuffer();
      const { content, rendition } = whole(await readBytes(`a.${kind}`, bytes));
      assert.deepEqual([content.width, content.height], [40, 40]);
      assert.equal(await quadrantColours(rendition), 'red green blue white', kind);
    }
  });

  test(`${name}: reads a file whose name is not UTF-8`, async (t) => {
    const { readBytes } = await setup(t);
    whole(await readBytes(Buffer.from('caf\xe9\n \u0001.jpg', 'latin1'), await makePhoto({ seed: 1 })));
  });

  test(`${name}: refuses what is no picture, what is cut off and what is empty, in words`, async (t) => {
    const { readBytes } = await setup(t);
    const half = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);
    const [jpeg, png] = [
      await makePhoto({ seed: 1 }),
      await quadrants(300, 300).png({ compressionLevel: 0 }).toBuffer(),
    ];
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await assert.rejects(readBytes('a.jpg', Buffer.from('Dear diary, ')), fault('Undecodable', /^not a picture/));
    await assert.rejects(readBytes('b.jpg', svg), fault('Undecodable', /^not a picture/));
    await assert.rejects(readBytes('c.jpg', half(jpeg)), fault('Undecodable', /^the file ends too early/));
    await assert.rejects(readBytes('d.png', half(png)), fault('Undecodable', /^the file ends too early/));
    await assert.rejects(readBytes('e.jpg', Buffer.alloc(0)), fault('EmptyFile', /empty/));
    await assert.rejects(readBytes('f.jpg', Buffer.alloc(4096)), fault('Undecodable', /^not a picture/));
  });

  test(`${name}: refuses 30,000 × 30,000 pixels without decoding them, and names the setting`, async (t) => {
    const { readBytes } = await setup(t);
    const words = /30000 × 30000.*DARKROOM_MAX_MEGAPIXELS/;
    await assert.rejects(readBytes('a.png', pngClaiming(30_000, 30_000)), fault('TooManyPixels', words));
  });

  test(`${name}: refuses garbled pictures with a domain error, whatever their bytes`, async (t) => {
    const { readBytes } = await setup(t);
    const random = seeded(7);
    const start = await makePhoto({ seed: 2, width: 64, height: 48 });
    for (let round = 0; round < 60; round += 1) {
      const bytes = Buffer.from(start);
      // Two rounds of three leave the beginning alone, so that the decoder gets further.
      const from = round % 3 === 0 ? 0 : 20;
      for (let hits = 0; hits < 12; hits += 1) {
        bytes[from + Math.floor(random() * (bytes.length - from))] = random() * 256;
      }
      try {
        assert.ok(whole(await readBytes('garbled.jpg', bytes)).rendition.length > 0);
      } catch (error) {
        assert.ok(error instanceof PermanentError, String(error));
      }
    }
  });
}
