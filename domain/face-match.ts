import { embeddingLength, type DetectedFace, type FaceBox } from './face.ts';
import { PeopleError } from './person.ts';

/** Two boxes that overlap by more are the same face, as in Immich (reference: immich.md 7). */
const sameFaceOverlap = 0.5;
/** What rounding may add to the sum of an edge and a width. */
const roundingError = 1e-6;

/** Area that both cover as a part of the area that either covers: 0 to 1. */
export function overlapOf(a: FaceBox, b: FaceBox): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (!(width > 0 && height > 0)) return 0;
  const both = width * height;
  return both / (a.width * a.height + b.width * b.height - both);
}

/** A face that is known already. */
export interface KnownFace {
  readonly faceId: string;
  readonly model: string;
  readonly source: 'model' | 'manual';
  readonly box: FaceBox;
  readonly personId?: string;
}

/** A face that was found, and what it is to the known ones. */
export interface MatchedFace {
  readonly face: DetectedFace;
  /** It is this face of the same model, which stays: with its id, its person and all that is said of it. */
  readonly keeps?: string;
  /** It is this face of another model, or of nobody's: it gets the person of that one. */
  readonly like?: string;
}

/**
 * Who is who after a second look: of all pairs that overlap enough the closest one first, each face once. A face that a person
 * marked by hand hides the one that a model found there, so that nobody is on a photo twice.
 */
export function matchFaces(input: {
  readonly model: string;
  readonly known: readonly KnownFace[];
  readonly found: readonly DetectedFace[];
}): readonly MatchedFace[] {
  const { model, known, found } = input;
  const manual = pairs(
    known.filter(({ source }) => source === 'manual'),
    found,
  );
  const left = found.filter((face) => !manual.has(face));
  const own = pairs(
    known.filter((face) => face.source === 'model' && face.model === model),
    left,
  );
  const others = known.filter((face) => face.source === 'model' && face.model !== model && face.personId !== undefined);
  const alike = pairs(
    others,
    left.filter((face) => !own.has(face)),
  );
  return left.map((face) => {
    const [keeps, like] = [own.get(face), alike.get(face)];
    return { face, ...(keeps !== undefined && { keeps }), ...(like !== undefined && { like }) };
  });
}

function pairs(known: readonly KnownFace[], found: readonly DetectedFace[]): ReadonlyMap<DetectedFace, string> {
  const close = known
    .flatMap(({ faceId, box }) => found.map((face) => ({ faceId, face, overlap: overlapOf(box, face.box) })))
    .filter(({ overlap }) => overlap > sameFaceOverlap)
    .sort((a, b) => b.overlap - a.overlap);
  const taken = new Set<string>();
  const matched = new Map<DetectedFace, string>();
  for (const { faceId, face } of close) {
    if (taken.has(faceId) || matched.has(face)) continue;
    taken.add(faceId);
    matched.set(face, faceId);
  }
  return matched;
}

/** Throws PeopleError face-invalid where the vector has another length, holds what is no number, or points nowhere. */
export function checkEmbedding(embedding: Float32Array): void {
  if (embedding.length !== embeddingLength) {
    throw invalid(`A face's vector has ${embeddingLength} numbers, not ${embedding.length}.`);
  }
  if (!embedding.every((part) => Number.isFinite(part)))
    throw invalid("A face's vector holds what is no finite number.");
  if (embedding.every((part) => part === 0)) throw invalid("A face's vector is all zero: it is like no face at all.");
}

/** Throws PeopleError face-invalid where the box is empty or leads out of the picture. */
export function checkBox({ x, y, width, height }: FaceBox): void {
  const inside = x >= 0 && y >= 0 && x + width <= 1 + roundingError && y + height <= 1 + roundingError;
  if (!inside || !(width > 0 && height > 0)) {
    throw invalid("A face's box lies inside the picture, with x, y, width and height from 0 to 1, and is not empty.");
  }
}

const invalid = (message: string): PeopleError => new PeopleError('face-invalid', message);
