import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { RenditionCache } from '../../domain/ports.ts';

/** A JPEG as far as a cache can tell, `size` bytes long. */
export const jpegOf = (size: number): Buffer => {
  const bytes = Buffer.alloc(size, 7);
  bytes.writeUInt16BE(0xffd8, 0);
  bytes.writeUInt16BE(0xffd9, size - 2);
  return bytes;
};

/** A content hash that begins with these digits. */
export const hashOf = (digits: string): string => digits.padEnd(64, '0');

/** What every RenditionCache must do. `make` gives one that holds at most `maxBytes`. */
export function renditionCacheSuite(name: string, make: (t: TestContext, maxBytes: number) => Promise<RenditionCache>) {
  test(`${name}: gives back what was put, under its hash and long side only`, async (t) => {
    const cache = await make(t, 1_000_000);
    assert.equal(await cache.get(hashOf('aa'), 1344), undefined);
    await cache.put(hashOf('aa'), 1344, jpegOf(100));
    assert.deepEqual(await cache.get(hashOf('aa'), 1344), jpegOf(100));
    assert.equal(await cache.get(hashOf('aa'), 800), undefined);
    assert.equal(await cache.get(hashOf('ab'), 1344), undefined);
  });

  test(`${name}: putting the same again, also at the same time, is harmless`, async (t) => {
    const cache = await make(t, 1_000_000);
    await Promise.all([1, 2, 3].map(() => cache.put(hashOf('aa'), 1344, jpegOf(100))));
    await cache.put(hashOf('aa'), 1344, jpegOf(100));
    assert.deepEqual(await cache.get(hashOf('aa'), 1344), jpegOf(100));
  });

  test(`${name}: lets go of what was not used for longest`, async (t) => {
    const cache = await make(t, 3_500);
    for (const digits of ['a1', 'b2', 'c3']) await cache.put(hashOf(digits), 1344, jpegOf(1_000));
    assert.ok(await cache.get(hashOf('a1'), 1344));
    await cache.put(hashOf('d4'), 1344, jpegOf(1_000));
    assert.equal(await cache.get(hashOf('b2'), 1344), undefined);
    for (const digits of ['a1', 'c3', 'd4']) assert.ok(await cache.get(hashOf(digits), 1344), digits);
  });

  test(`${name}: keeps the newest also where it alone is over the limit`, async (t) => {
    const cache = await make(t, 500);
    await cache.put(hashOf('aa'), 1344, jpegOf(1_000));
    assert.ok(await cache.get(hashOf('aa'), 1344));
    await cache.put(hashOf('bb'), 1344, jpegOf(1_000));
    assert.ok(await cache.get(hashOf('bb'), 1344));
    assert.equal(await cache.get(hashOf('aa'), 1344), undefined);
  });

  test(`${name}: refuses a key that is no content hash`, async (t) => {
    const cache = await make(t, 1_000_000);
    await assert.rejects(cache.get('../../etc/passwd', 1344), TypeError);
    await assert.rejects(cache.put('../../etc/passwd', 1344, jpegOf(10)), TypeError);
  });
}
