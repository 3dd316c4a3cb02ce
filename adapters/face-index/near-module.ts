/**
 * The two loops of near-plain.ts as a WebAssembly module with operations on 128 bits: some eight times as fast
 * (docs/decisions/face-index.md). Written by hand, an instruction at a time, so that no compiler is needed to run or to change it;
 * test/unit/face-index.test.ts holds the two together.
 */

type Code = readonly number[];

/** Numbers in WebAssembly: seven bits a byte, the lowest first. */
const unsigned = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
/** The highest bit of a constant is its sign. */
const constant = (value: number): number[] => {
  const bytes = (rest: number): number[] => (rest < 0x40 ? [rest] : [(rest & 0x7f) | 0x80, ...bytes(rest >>> 7)]);
  return [0x41, ...bytes(value)];
};
const simd = (operation: number): number[] => [0xfd, ...unsigned(operation)];

const types = { int: 0x7f, vector: 0x7b } as const;
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const add = 0x6a;
const raise = (local: number, by: number): number[] => [...get(local), ...constant(by), add, ...set(local)];
const [multiply, atLeast, atMost, storeInt, loadInt] = [0x6c, 0x4f, 0x4d, [0x36, 2, 0], [0x28, 2, 0]];
const loadVector = (offset = 0): number[] => [...simd(0x00), 0, ...unsigned(offset)];
const [xor, onesOfBytes, addBytes, pairBytes, pairShortsUnsigned] = [0x51, 0x62, 0x6e, 0x7d, 0x7f].map(simd);
const [lowHalf, highHalf, addProducts, addInts] = [0x87, 0x88, 0xba, 0xae].map(simd);
const zero: Code = [...simd(0x0c), ...Array.from({ length: 16 }, () => 0)];
const join = (...code: readonly (Code | number | undefined)[]): number[] => code.flatMap((part) => part ?? []);
/** The sum of a vector's four integers. */
const lanes = (local: number): number[] =>
  join(...[0, 1, 2, 3].flatMap((lane) => [get(local), simd(0x1b), lane]), add, add, add);
/** For `local` from where it is, up to the number in `count`. */
const loop = (local: number, count: Code, step: number, body: Code): number[] =>
  join(0x02, 0x40, 0x03, 0x40, get(local), count, atLeast, 0x0d, 1, body, raise(local, step), 0x0c, 0, 0x0b, 0x0b);

/** (query, signs, count, most, out): writes the numbers of rows that differ in at most so many bits; returns how many. */
function scan(): Code {
  const [query, row, count, most, out, nth, found, sum, part] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const parts = [0, 16, 32, 48];
  const differing = parts.map((offset, at) =>
    join(get(row), loadVector(offset), get(part + at), xor, onesOfBytes, at > 0 ? addBytes : []),
  );
  const body = join(
    ...differing,
    pairBytes,
    pairShortsUnsigned,
    set(sum),
    join(lanes(sum), get(most), atMost, 0x04, 0x40),
    join(get(out), get(nth), storeInt, raise(out, 4), raise(found, 1), 0x0b),
    raise(row, 64),
  );
  return withLocals(
    [
      [2, types.int],
      [5, types.vector],
    ],
    join(
      ...parts.map((offset, at) => join(get(query), loadVector(offset), set(part + at))),
      loop(nth, get(count), 1, body),
      get(found),
    ),
  );
}

/** (query, codes, list, count, out): for each row number in `list` the sum of products with `query`, as integers. */
function products(): Code {
  const [query, codes, list, count, out, nth, row, at, sum, bytes] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const ofHalf = (half: Code | undefined, offset: number) =>
    join(get(bytes), half, get(query), get(at), add, get(at), add, loadVector(offset), addProducts);
  const step = join(
    join(get(row), get(at), add, loadVector(), set(bytes)),
    join(ofHalf(lowHalf, 0), ofHalf(highHalf, 16), addInts, get(sum), addInts, set(sum)),
  );
  const body = join(
    join(get(list), loadInt, constant(512), multiply, get(codes), add, set(row)),
    join(zero, set(sum), constant(0), set(at)),
    loop(at, constant(512), 16, step),
    join(get(out), lanes(sum), storeInt),
    join(raise(list, 4), raise(out, 4)),
  );
  return withLocals(
    [
      [3, types.int],
      [2, types.vector],
    ],
    join(loop(nth, get(count), 1, body), get(nth)),
  );
}

const sized = (content: Code): number[] => [...unsigned(content.length), ...content];
const list = (parts: readonly Code[]): number[] => [...unsigned(parts.length), ...parts.flat()];
const withLocals = (locals: readonly Code[], code: Code): Code => sized([...list(locals), ...code, 0x0b]);
const text = (value: string): number[] => sized([...Buffer.from(value)]);
const section = (id: number, parts: readonly Code[]): number[] => [id, ...sized(list(parts))];

const preamble: Code = [...Buffer.from('\0asm'), 1, 0, 0, 0];

/** Imports `darkroom.memory`; exports `scan` and `products`, both of five integers and returning one. */
export const nearModule = (): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([
    ...preamble,
    ...section(1, [[0x60, ...list(Array.from({ length: 5 }, () => [types.int])), 1, types.int]]),
    ...section(2, [[...text('darkroom'), ...text('memory'), 0x02, 0x00, 1]]),
    ...section(3, [[0], [0]]),
    ...section(7, [
      [...text('scan'), 0x00, 0],
      [...text('products'), 0x00, 1],
    ]),
    ...section(10, [scan(), products()]),
  ]);
