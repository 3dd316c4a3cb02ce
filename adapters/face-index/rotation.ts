import { embeddingLength } from '../../domain/face.ts';

/** Which numbers change their sign: any pattern without a pattern, the same in every process. */
const flips = flipsOf(embeddingLength);

function flipsOf(length: number): Float32Array {
  let state = 0x2545f491;
  return Float32Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state < 0 ? -1 : 1;
  });
}

/**
 * The vector in other coordinates (some signs flipped, then a Hadamard transform), √512 times as long: cosines stay what they were.
 * What a vector holds is spread evenly over its numbers, whatever the model does. So their signs are alike as often as the vectors
 * are alike, and none is so large that the others lose their precision when all are made bytes.
 * It is written to `values`. Throws RangeError for a vector of another length.
 */
export function rotated(embedding: Float32Array, values = new Float32Array(embeddingLength)): Float32Array {
  if (embedding.length !== embeddingLength)
    throw new RangeError(`a face has ${embeddingLength} numbers, not ${embedding.length}`);
  for (let nth = 0; nth < embeddingLength; nth += 1) values[nth] = (embedding[nth] ?? 0) * (flips[nth] ?? 1);
  for (let step = 1; step < embeddingLength; step *= 2) {
    for (let block = 0; block < embeddingLength; block += step * 2) addAndSubtract(values, block, step);
  }
  return values;
}

function addAndSubtract(values: Float32Array, block: number, step: number): void {
  for (let nth = block; nth < block + step; nth += 1) {
    const one = values[nth] ?? 0;
    const other = values[nth + step] ?? 0;
    values[nth] = one + other;
    values[nth + step] = one - other;
  }
}
