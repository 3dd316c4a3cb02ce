/**
 * What is done for every vector, on one block of memory; addresses are in bytes. There is a faster way on processors with
 * operations on 128 bits: near-module.ts.
 */
export interface Near {
  /**
   * Compares rows of 64 bytes with the one at `query`: writes the numbers of those that differ in at most `most` bits to `out`, four
   * bytes each, and returns how many there are.
   */
  readonly scan: (query: number, rows: number, count: number, most: number, out: number) => number;
  /**
   * For each of `count` row numbers at `list`: the products of that row's 512 signed bytes with the 512 signed numbers of two bytes at
   * `query`, summed up, to `out`, four bytes each.
   */
  readonly products: (query: number, rows: number, list: number, count: number, out: number) => number;
}

const words = 16;
const bytes = 512;

export function plainNear(memory: { readonly buffer: ArrayBuffer }): Near {
  return {
    scan(query, rows, count, most, out) {
      const integers = new Int32Array(memory.buffer);
      let found = 0;
      for (let nth = 0; nth < count; nth += 1) {
        let differing = 0;
        const row = rows / 4 + nth * words;
        for (let word = 0; word < words; word += 1)
          differing += ones((integers[row + word] ?? 0) ^ (integers[query / 4 + word] ?? 0));
        if (differing > most) continue;
        integers[out / 4 + found] = nth;
        found += 1;
      }
      return found;
    },
    products(query, rows, list, count, out) {
      const integers = new Int32Array(memory.buffer);
      const numbers = new Int8Array(memory.buffer);
      const asked = new Int16Array(memory.buffer, query, bytes);
      for (let nth = 0; nth < count; nth += 1) {
        const row = rows + (integers[list / 4 + nth] ?? 0) * bytes;
        let sum = 0;
        for (let at = 0; at < bytes; at += 1) sum += (asked[at] ?? 0) * (numbers[row + at] ?? 0);
        integers[out / 4 + nth] = sum;
      }
      return count;
    },
  };
}

/** How many bits of 32 are set: summed up in pairs, fours, bytes, then all by one multiplication. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
