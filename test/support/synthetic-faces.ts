/**
 * Vectors of faces whose truth is known. SIMULATED: nothing of it was ever a face.
 *
 * Every person has a middle, a direction by chance out of 512 dimensions. Each of their faces is the middle, blurred: cosine to it
 * from √0.45 to √0.9, evenly, so that two faces of a person have cosines of 0.45 to 0.9, and 0.04 around that where both are
 * blurred. How many faces a person has: 5 to 500, many have few. The faces come in an order by chance.
 *
 * Look-alikes: every twentieth person's middle is near to that of another person, with a cosine of 0.6 to 0.75. So the sharp faces
 * of two such people have cosines of up to 0.68: more than the 0.5 that binds, and more than blurred faces of one person have.
 * Strangers have cosines of 0 ± 0.04.
 */
export interface SyntheticFaces {
  /** 512 numbers a face, each face of length 1. */
  readonly vectors: readonly Float32Array[];
  /** Of each face, who it is. */
  readonly people: readonly number[];
}

interface SyntheticInput {
  readonly seed: number;
  readonly faces: number;
  readonly people: number;
  /** Share of people who look like another one. */
  readonly lookAlikes?: number;
}

const dimensions = 512;
const [fewest, most] = [5, 500];

export function syntheticFaces({ seed, faces, people, lookAlikes = 0.05 }: SyntheticInput): SyntheticFaces {
  const random = createRandom(seed);
  const normal = createNormal(random);
  const middles: Float32Array[] = [];
  const every = lookAlikes > 0 ? Math.round(1 / lookAlikes) : Infinity;
  for (let nth = 0; nth < people; nth += 1) {
    const other = nth % every === every - 1 ? middles[nth - 1] : undefined;
    middles.push(blurred(other, other === undefined ? 0 : 0.6 + 0.15 * random(), normal));
  }
  const order = sizes(faces, people, random).flatMap((size, person) => Array.from({ length: size }, () => person));
  shuffle(order, random);
  const sharpness = () => Math.sqrt(0.45) + (Math.sqrt(0.9) - Math.sqrt(0.45)) * random();
  return { people: order, vectors: order.map((person) => blurred(middles[person], sharpness(), normal)) };
}

/** A direction with that cosine to another one, and else by chance. */
function blurred(middle: Float32Array | undefined, cosine: number, normal: () => number): Float32Array {
  const noise = Float32Array.from({ length: dimensions }, normal);
  const along = middle === undefined ? 0 : dot(noise, middle);
  const across = noise.map((value, nth) => value - along * (middle?.[nth] ?? 0));
  const scale = Math.sqrt(1 - cosine * cosine) / Math.sqrt(dot(across, across));
  return across.map((value, nth) => value * scale + cosine * (middle?.[nth] ?? 0));
}

export function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let nth = 0; nth < one.length; nth += 1) sum += (one[nth] ?? 0) * (other[nth] ?? 0);
  return sum;
}

/** So many numbers of 5 to 500 that make `faces` together. */
function sizes(faces: number, people: number, random: () => number): number[] {
  const drawn = Array.from({ length: people }, () => Math.round(fewest * (most / fewest) ** (random() ** 2)));
  let missing = faces - drawn.reduce((sum, size) => sum + size, 0);
  for (let nth = 0; missing !== 0; nth = (nth + 1) % people) {
    const size = drawn[nth] ?? 0;
    const step = Math.trunc(missing / people) || Math.sign(missing);
    const next = Math.min(most, Math.max(fewest, size + step));
    drawn[nth] = next;
    missing -= next - size;
  }
  return drawn;
}

function shuffle(list: number[], random: () => number): void {
  for (let nth = list.length - 1; nth > 0; nth -= 1) {
    const other = Math.floor(random() * (nth + 1));
    [list[nth], list[other]] = [list[other] ?? 0, list[nth] ?? 0];
  }
}

/** 0 to 1, the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normally distributed (Box and Muller), two from each pair of numbers. */
function createNormal(random: () => number): () => number {
  let kept: number | undefined;
  return () => {
    if (kept !== undefined) {
      const value = kept;
      kept = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    kept = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/**
 * How well faces were put together, by pairs: the harmonic mean of how many pairs that were put together belong together, and of
 * how many that belong together were. A face that nobody has is alone.
 */
export function pairwiseF1(truth: readonly number[], found: readonly (string | undefined)[]): number {
  const both = new Map<string, number>();
  const ofTruth = new Map<number, number>();
  const ofFound = new Map<string, number>();
  const count = <K>(counts: Map<K, number>, key: K) => counts.set(key, (counts.get(key) ?? 0) + 1);
  truth.forEach((person, nth) => {
    const cluster = found[nth];
    count(ofTruth, person);
    if (cluster === undefined) return;
    count(ofFound, cluster);
    count(both, `${person} ${cluster}`);
  });
  const pairs = (counts: ReadonlyMap<unknown, number>) =>
    [...counts.values()].reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
  return (2 * pairs(both)) / (pairs(ofTruth) + pairs(ofFound));
}
