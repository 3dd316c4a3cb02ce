import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createNear } from '../../adapters/face-index/near.ts';
import { plainNear } from '../../adapters/face-index/near-plain.ts';
import { rotated } from '../../adapters/face-index/rotation.ts';
import { createVectorTable } from '../../adapters/face-index/vector-table.ts';
import { vectorOf } from '../support/people-scene.ts';
import { dot } from '../support/synthetic-faces.ts';

const rows = 300;
const [query, vectors, list, out] = [0, 65_536, 1024 * 256, 1024 * 260];

/** Random bytes, and for the first row the largest numbers that there are. */
function filled(): WebAssembly.Memory {
  const memory = new WebAssembly.Memory({ initial: 8, maximum: 8 });
  const bytes = new Int8Array(memory.buffer);
  let state = 7;
  for (let at = 0; at < bytes.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = Math.max(-127, state >> 24);
  }
  new Int16Array(memory.buffer, query, 512).fill(-16_383);
  bytes.fill(-127, vectors, vectors + 512);
  new Int32Array(memory.buffer, list, rows).forEach((_, nth, all) => (all[nth] = (nth * 7) % rows));
  return memory;
}

describe('the index of faces in memory', () => {
  test('the fast way counts and multiplies as the plain one does', () => {
    const [one, other] = [filled(), filled()];
    const [fast, plain] = [createNear(one), plainNear(other)];
    for (const most of [0, 200, 256, 300, 512]) {
      assert.equal(
        fast.scan(query + 64, vectors, rows, most, out),
        plain.scan(query + 64, vectors, rows, most, out),
        `${most}`,
      );
      assert.deepEqual(new Uint8Array(one.buffer), new Uint8Array(other.buffer));
    }
    fast.products(query, vectors, list, rows, out);
    plain.products(query, vectors, list, rows, out);
    assert.equal(new Int32Array(one.buffer, out, 1)[0], 127 * 16_383 * 512);
    assert.deepEqual(new Uint8Array(one.buffer), new Uint8Array(other.buffer));
    // Else both are the plain one, and this test holds nothing together.
    assert.notEqual(fast.scan.toString(), plain.scan.toString());
  });

  test('other coordinates keep cosines, and spread what one number holds', () => {
    const [one, other] = [vectorOf(1), vectorOf(2).map((value, nth) => value + (vectorOf(1)[nth] ?? 0))];
    assert.ok(Math.abs(dot(rotated(one), rotated(other)) / 512 - dot(one, other)) < 1e-5);
    const single = new Float32Array(512).fill(1, 3, 4);
    assert.deepEqual(new Set(rotated(single).map(Math.abs)), new Set([1]));
    assert.throws(() => rotated(new Float32Array(511)), RangeError);
  });

  test('faces beyond the first chunk are found, changed and removed', () => {
    const table = createVectorTable();
    const count = 9_000;
    for (let nth = 0; nth < count; nth += 1) table.put({ faceId: `${nth}`, embedding: vectorOf(nth) });
    const nearest = (seed: number) => table.nearest({ embedding: vectorOf(seed), limit: 1, minCosine: 0.9 })[0]?.faceId;
    for (const nth of [0, 4_095, 4_096, 8_191, 8_192, 8_999]) assert.equal(nearest(nth), `${nth}`);
    for (let nth = 0; nth < count; nth += 2) table.remove(`${nth}`);
    table.remove('none');
    table.put({ faceId: '8191', embedding: vectorOf(4_096) });
    assert.deepEqual([0, 8_190, 8_191, 4_096, 8_999, 1].map(nearest), [
      undefined,
      undefined,
      undefined,
      '8191',
      '8999',
      '1',
    ]);
  });
});
