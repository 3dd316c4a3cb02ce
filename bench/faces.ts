import { parseArgs } from 'node:util';
import { createFaceIndexes } from '../adapters/face-index/face-indexes.ts';
import { createFaceAssignments } from '../adapters/postgres/face-assignments.ts';
import { createFaceVectors } from '../adapters/postgres/face-vectors.ts';
import { pairwiseF1, syntheticFaces } from '../test/support/synthetic-faces.ts';
import { clusterAll } from './faces/cluster-all.ts';
import { peopleIn, withDatabase } from './faces/database.ts';
import { measureDetect } from './faces/detect.ts';
import { measureEmbeddings } from './faces/embeddings.ts';
import { measureMerge } from './faces/merge.ts';
import type { SeedResult } from './faces/one-seed.ts';
import { runSeed, type SeedInput } from './faces/seeds.ts';
import type { Bench } from './main.ts';

const sizes = {
  whole: { faces: 100_000, people: 2_000, searches: 1_000, merged: 20_000, photos: 800 },
  quick: { faces: 3_000, people: 60, searches: 100, merged: 500, photos: 40 },
} as const;
type Size = (typeof sizes)[keyof typeof sizes];

const tell = (line: string): void => void process.stdout.write(`${line}\n`);
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The first seed alone, because it is timed; then the others, two at a time. */
async function quality(size: Size): Promise<readonly SeedResult[]> {
  const run = async (seed: number) => {
    const input: SeedInput = { seed, faces: size.faces, people: size.people, searches: size.searches };
    const result = await runSeed(input);
    tell(inWords(result));
    return result;
  };
  return [await run(1), ...(await Promise.all([2, 3].map(run))), ...(await Promise.all([4, 5].map(run)))];
}

const inWords = ({ seed, knnMs, recall, pairwiseF1: f1, people, clusterSeconds, readSeconds, indexMb }: SeedResult) =>
  `seed ${seed}, in memory: nearest in ${knnMs.p50.toFixed(2)} ms (p95 ${knnMs.p95.toFixed(2)}), recall of ten ${recall.toFixed(4)}, ` +
  `index of ${Math.round(indexMb)} MB read in ${readSeconds.toFixed(1)} s; ` +
  `${people} people in ${clusterSeconds.toFixed(0)} s, pairwise F1 ${f1.toFixed(4)}`;

/** What takes a database: the embedded Postgres, with the faces of the first seed. */
async function inDatabase(size: Size) {
  const set = syntheticFaces({ seed: 1, faces: size.faces, people: size.people });
  const begun = performance.now();
  return await withDatabase(set, async ({ database, socketDir }) => {
    tell(`${size.faces} faces were written in ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
    const vectors = createFaceVectors({ database });
    const assignments = createFaceAssignments({ database });
    const indexes = createFaceIndexes({ database, patient: database, vectors });
    let told = 0;
    const clustered = await clusterAll({ indexes, assignments }, (looked) => {
      if (looked - told < 20_000) return;
      told = looked;
      tell(`looked at ${looked} faces`);
    });
    const f1 = pairwiseF1(set.people, await peopleIn(database, size.faces));
    tell(
      `seed 1, in Postgres: ${clustered.people} people in ${clustered.seconds.toFixed(0)} s, pairwise F1 ${f1.toFixed(4)}`,
    );
    const embeddings = await measureEmbeddings(socketDir, size.faces);
    const merge = await measureMerge(database, size.merged);
    tell(`merged two people with ${size.merged} faces each, and took it back`);
    return { clusterSeconds: clustered.seconds, f1, embeddings, ...merge };
  });
}

const bench: Bench = {
  name: 'faces',
  claim: 'faces that are alike are found at once, and people are told apart from those who look like them',
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { quick: { type: 'boolean', default: false } } });
    const size = values.quick ? sizes.quick : sizes.whole;
    tell('Vectors and the face service are SIMULATED; how vectors are made: test/support/synthetic-faces.ts.');
    const seeds = await quality(size);
    const { clusterSeconds, f1, embeddings, mergeSeconds, unmergeSeconds } = await inDatabase(size);
    const detect = await measureDetect({ photos: size.photos });
    const [first] = seeds;
    return {
      bench: 'faces',
      vectors: size.faces,
      knnMs: { p50: rounded(first?.knnMs.p50 ?? Number.NaN, 2), p95: rounded(first?.knnMs.p95 ?? Number.NaN, 2) },
      recall: rounded(Math.min(...seeds.map(({ recall }) => recall)), 4),
      clusterSeconds: rounded(clusterSeconds, 1),
      pairwiseF1: rounded(Math.min(f1, ...seeds.map((one) => one.pairwiseF1)), 4),
      embeddingsMbPerSecond: rounded(embeddings.mbPerSecond, 1),
      embeddingsPeakMb: Math.round(embeddings.peakMb),
      mergeSeconds: rounded(mergeSeconds, 2),
      unmergeSeconds: rounded(unmergeSeconds, 2),
      detect: { photosPerSecond: rounded(detect.photosPerSecond, 1), utilisation: rounded(detect.utilisation, 3) },
    };
  },
};

export default bench;
