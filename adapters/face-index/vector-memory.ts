import { createNear } from './near.ts';
import { rotated } from './rotation.ts';

/**
 * Of each vector: the sign of each number, and each number as a byte. In a chunk the signs of all its rows come first. The vector
 * that is asked for has two bytes a number: it costs nothing, and half of what rounding does is gone.
 */
const signBytes = 64;
const numbers = 512;
const rowsOfChunk = 4096;
const wasmPage = 65_536;
const chunkBytes = rowsOfChunk * (signBytes + numbers);
/** In front of the chunks: the vector that is asked for, then two lists of row numbers. */
const queryCodes = signBytes;
const listAt = 2048;
const outAt = listAt + rowsOfChunk * 4;
const headBytes = wasmPage;
/** 512 products of a byte and of such a short are summed up in 31 bits. */
const largestCode = { byte: 127, short: 16_383 } as const;
/** 4 GB, the most that there is: seven million vectors. */
const mostPages = 65_536;

interface SearchInput {
  readonly embedding: Float32Array;
  readonly minCosine: number;
  /** Rows from 0 to this one, without it. */
  readonly rows: number;
  readonly isWanted: (row: number) => boolean;
  readonly onFound: (row: number, cosine: number) => void;
}

/** Vectors in rows, 576 bytes each. All methods throw RangeError for a vector of another length, of 0s, or with no numbers in it. */
export interface VectorMemory {
  put(row: number, embedding: Float32Array): void;
  copy(from: number, to: number): void;
  /** Finds, in the order of rows, every wanted one that is alike enough; cosines are right to a thousandth. */
  search(input: SearchInput): void;
}

export function createVectorMemory(): VectorMemory {
  const memory = new WebAssembly.Memory({ initial: headBytes / wasmPage, maximum: mostPages });
  const near = createNear(memory);
  /** Of each row's bytes, as a vector. */
  const lengths: number[] = [];
  const scratch = new Float32Array(numbers);

  const signsIn = (at: number) => new Uint8Array(memory.buffer, at, signBytes);

  return {
    put(row, embedding) {
      const missing = signsOf(row - (row % rowsOfChunk)) + chunkBytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(missing / wasmPage);
      lengths[row] = write(
        rotated(embedding, scratch),
        signsIn(signsOf(row)),
        new Int8Array(memory.buffer, codesOf(row), numbers),
      );
    },

    copy(from, to) {
      const bytes = new Int8Array(memory.buffer);
      bytes.copyWithin(signsOf(to), signsOf(from), signsOf(from) + signBytes);
      bytes.copyWithin(codesOf(to), codesOf(from), codesOf(from) + numbers);
      lengths[to] = lengths[from] ?? 0;
    },

    search({ embedding, minCosine, rows, isWanted, onFound }) {
      const length = write(rotated(embedding, scratch), signsIn(0), new Int16Array(memory.buffer, queryCodes, numbers));
      const most = mostDiffering(minCosine);
      const list = new Int32Array(memory.buffer, listAt, rowsOfChunk);
      const out = new Int32Array(memory.buffer, outAt, rowsOfChunk);
      for (let first = 0; first < rows; first += rowsOfChunk) {
        const count = near.scan(0, signsOf(first), Math.min(rowsOfChunk, rows - first), most, outAt);
        let kept = 0;
        for (let nth = 0; nth < count; nth += 1) {
          const row = out[nth] ?? 0;
          if (isWanted(first + row)) list[kept++] = row;
        }
        near.products(queryCodes, codesOf(first), listAt, kept, outAt);
        for (let nth = 0; nth < kept; nth += 1) {
          const row = first + (list[nth] ?? 0);
          const cosine = (out[nth] ?? 0) / (length * (lengths[row] ?? 0));
          if (cosine >= minCosine) onFound(row, cosine);
        }
      }
    },
  };
}

const chunkOf = (row: number) => headBytes + Math.floor(row / rowsOfChunk) * chunkBytes;
const signsOf = (row: number) => chunkOf(row) + (row % rowsOfChunk) * signBytes;
const codesOf = (row: number) => chunkOf(row) + rowsOfChunk * signBytes + (row % rowsOfChunk) * numbers;

/** As whole numbers of one byte or two; returns the length of the vector that they are. */
function write(values: Float32Array, signs: Uint8Array, codes: Int8Array | Int16Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  if (!(largest > 0 && largest < Infinity)) throw new RangeError('a face has finite numbers, not all of them 0');
  const scale = largestCode[codes.BYTES_PER_ELEMENT === 1 ? 'byte' : 'short'] / largest;
  signs.fill(0);
  let squares = 0;
  for (let nth = 0; nth < numbers; nth += 1) {
    const code = Math.round((values[nth] ?? 0) * scale);
    codes[nth] = code;
    squares += code * code;
    if (code < 0) signs[nth >> 3] = (signs[nth >> 3] ?? 0) | (1 << (nth & 7));
  }
  return Math.sqrt(squares);
}

/**
 * Signs of vectors at an angle a differ in a/π of their bits, give or take. With 2.5 times the usual spread on top one in 160 of those
 * that are just alike enough is overlooked, and none that is more so by 0.04; of strangers at 0.4 one in 2,000 gets this far. Each
 * that does costs more than a thousand that do not: its bytes are somewhere in the memory.
 */
function mostDiffering(minCosine: number): number {
  const share = Math.acos(Math.min(1, Math.max(-1, minCosine))) / Math.PI;
  return Math.ceil(numbers * share + 2.5 * Math.sqrt(numbers * share * (1 - share))) + 2;
}
