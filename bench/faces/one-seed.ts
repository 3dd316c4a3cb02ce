import { parseArgs } from 'node:util';
import { createMemoryIndex } from '../../adapters/face-index/memory-index.ts';
import type { FaceIndex } from '../../domain/face-index.ts';
import { dot, pairwiseF1, type SyntheticFaces, syntheticFaces } from '../../test/support/synthetic-faces.ts';
import { clusterAll } from './cluster-all.ts';
import { memoryFaces, model } from './memory-faces.ts';

/** What one set of faces gave, in the index in memory and over a store in memory. */
export interface SeedResult {
  readonly seed: number;
  readonly knnMs: { readonly p50: number; readonly p95: number };
  readonly recall: number;
  readonly pairwiseF1: number;
  readonly people: number;
  readonly clusterSeconds: number;
  /** To read all vectors into the index, and what it then holds. */
  readonly readSeconds: number;
  readonly indexMb: number;
}

const best = 10;
const leastCosine = 0.4;

/** As clustering asks for every face. */
async function searchTimes(index: FaceIndex, { vectors }: SyntheticFaces, searches: number) {
  const took: number[] = [];
  for (let nth = 0; nth < searches; nth += 1) {
    const at = Math.floor((nth * vectors.length) / searches);
    const embedding = vectors[at] ?? new Float32Array();
    const begun = performance.now();
    await index.nearest({ embedding, limit: 64, minCosine: leastCosine, exclude: `${at}` });
    took.push(performance.now() - begun);
  }
  took.sort((a, b) => a - b);
  const share = (part: number) => took[Math.floor(took.length * part)] ?? Number.NaN;
  return { p50: share(0.5), p95: share(0.95) };
}

/** How many of the ten nearest faces are found. */
async function recall(index: FaceIndex, { vectors }: SyntheticFaces, searches: number): Promise<number> {
  let [wanted, found] = [0, 0];
  for (let nth = 0; nth < searches; nth += 1) {
    const at = Math.floor((nth * vectors.length) / searches);
    const embedding = vectors[at] ?? new Float32Array();
    const exact = vectors
      .map((vector, other) => ({ faceId: `${other}`, cosine: dot(vector, embedding) }))
      .filter(({ faceId, cosine }) => faceId !== `${at}` && cosine >= leastCosine)
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, best);
    const near = await index.nearest({ embedding, limit: best, minCosine: leastCosine, exclude: `${at}` });
    const got = new Set(near.map(({ faceId }) => faceId));
    wanted += exact.length;
    found += exact.filter(({ faceId }) => got.has(faceId)).length;
  }
  return found / wanted;
}

/** What this process holds, without what it has given up and the system has not got back yet. */
const heldMb = (): number => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
};

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { seed: text, faces: text, people: text, searches: text } });
  const [seed, faces, people] = [Number(values.seed), Number(values.faces), Number(values.people)];
  const searches = Number(values.searches);
  const set = syntheticFaces({ seed, faces, people });
  const store = memoryFaces(set);
  const before = heldMb();
  const begun = performance.now();
  const index = createMemoryIndex({ model, vectors: store.vectors });
  await index.refresh();
  const readSeconds = (performance.now() - begun) / 1_000;
  const indexMb = heldMb() - before;
  const knnMs = await searchTimes(index, set, searches);
  const recalled = await recall(index, set, Math.min(100, searches));
  const clustered = await clusterAll({ indexes: { of: async () => index }, assignments: store.assignments });
  const result: SeedResult = {
    seed,
    knnMs,
    recall: recalled,
    pairwiseF1: pairwiseF1(set.people, store.people()),
    people: clustered.people,
    clusterSeconds: clustered.seconds,
    readSeconds,
    indexMb,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

await main();
