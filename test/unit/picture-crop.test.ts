import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import { cropFace, pixelsAround } from '../../adapters/picture/crop.ts';
import type { FaceBox } from '../../domain/face.ts';

const limits = { maxPixels: 50e6, timeoutMs: 10_000 };

/** Blue, with a red rectangle where the face is, in pixels of the upright picture; turned as a camera stores it. */
async function drawn(size: { width: number; height: number }, face: FaceBox, orientation = 1): Promise<Buffer> {
  const { x, y, width, height } = face;
  const scene = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">
    <rect width="${size.width}" height="${size.height}" fill="#0000ff"/>
    <rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#ff0000"/></svg>`;
  const upright = await sharp(Buffer.from(scene)).png().toBuffer();
  // Six: to be turned by 90 degrees to the right when it is shown.
  const stored = orientation === 6 ? sharp(upright).rotate(-90) : sharp(upright);
  return await stored.withMetadata({ orientation }).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
}

/** Share of red pixels, and the colour of the pixel in the left upper corner. */
async function look(jpeg: Buffer) {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const pixels = info.width * info.height;
  const isRed = (at: number) => (data[at * 3] ?? 0) > 150 && (data[at * 3 + 2] ?? 0) < 100;
  const red = Array.from({ length: pixels }, (_, at) => at).filter(isRed).length;
  return { width: info.width, height: info.height, redShare: red / pixels, cornerIsRed: isRed(0) };
}

const size = { width: 800, height: 600 };
const face = { x: 200, y: 120, width: 160, height: 240 };
const box: FaceBox = { x: 200 / 800, y: 120 / 600, width: 160 / 800, height: 240 / 600 };

describe('the crop of a marked face', () => {
  test('holds the face and a tenth of its size around it', async () => {
    const crop = await cropFace({ bytes: await drawn(size, face), kind: 'jpeg', box }, limits);
    const seen = await look(crop.jpeg);
    assert.deepEqual([crop.width, crop.height], [192, 288]);
    assert.deepEqual([seen.width, seen.height], [192, 288]);
    assert.ok(Math.abs(seen.redShare - 1 / 1.44) < 0.02, `${seen.redShare}`);
    assert.equal(seen.cornerIsRed, false);
  });

  test('is cut from the upright picture, however the camera stored it', async () => {
    const crop = await cropFace({ bytes: await drawn(size, face, 6), kind: 'jpeg', box }, limits);
    const seen = await look(crop.jpeg);
    assert.deepEqual([seen.width, seen.height], [192, 288]);
    assert.ok(Math.abs(seen.redShare - 1 / 1.44) < 0.02, `${seen.redShare}`);
    assert.equal((await sharp(crop.jpeg).metadata()).orientation, undefined);
  });

  test('ends where the picture ends', async () => {
    const corner = { x: 0, y: 0, width: 100, height: 100 };
    const bytes = await drawn(size, corner);
    const crop = await cropFace(
      { bytes, kind: 'jpeg', box: { x: 0, y: 0, width: 100 / 800, height: 100 / 600 } },
      limits,
    );
    assert.deepEqual([crop.width, crop.height], [110, 110]);
    assert.equal((await look(crop.jpeg)).cornerIsRed, true);
    assert.deepEqual(pixelsAround({ x: -0.5, y: -1, width: 3, height: 3 }, size), { left: 0, top: 0, ...size });
  });

  test('has at least one pixel, and no more than 1,024 on its long side', async () => {
    assert.deepEqual(pixelsAround({ x: 0.9999, y: 0.9999, width: 0.0001, height: 0.0001 }, { width: 10, height: 10 }), {
      left: 9,
      top: 9,
      width: 1,
      height: 1,
    });
    const large = { width: 3000, height: 1500 };
    const whole = await cropFace(
      { bytes: await drawn(large, face), kind: 'jpeg', box: { x: 0, y: 0, width: 1, height: 1 } },
      limits,
    );
    assert.deepEqual([whole.width, whole.height], [1024, 512]);
  });

  test('is refused for a box that has nothing of the picture in it', async () => {
    const bytes = await drawn(size, face);
    const odd: Partial<FaceBox>[] = [{ x: 1.2 }, { y: -2 }, { width: 0 }, { height: -0.5 }, { x: Number.NaN }];
    for (const wrong of odd) {
      await assert.rejects(cropFace({ bytes, kind: 'jpeg', box: { ...box, ...wrong } }, limits), RangeError);
    }
  });

  test('says of bytes that are cut short what the picture reader says', async () => {
    const bytes = (await drawn(size, face)).subarray(0, 2_000);
    await assert.rejects(cropFace({ bytes, kind: 'jpeg', box }, limits), { code: 'Undecodable' });
  });
});
