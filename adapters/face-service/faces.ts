import { TransientError } from '../../domain/errors.ts';
import { type DetectedFace, embeddingLength, type FaceBox, mostFaces } from '../../domain/face.ts';
import { type HostKind, nonsense } from '../vision-http/faults.ts';

/** One face as a service tells of it, its shape checked and nothing else. */
export interface ToldFace {
  /** Pixels of the picture: left, top, right, bottom. */
  readonly corners: readonly [number, number, number, number];
  readonly score?: number | undefined;
  readonly embedding: readonly unknown[];
}

export interface ToldPicture {
  readonly faces: readonly ToldFace[];
  /** As the service measured it, where it says. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

export interface Checking {
  readonly host: string;
  readonly kind: HostKind;
  /** Of the picture that was sent. */
  readonly width: number;
  readonly height: number;
  readonly minScore: number;
}

/**
 * The faces that count, the largest first, `mostFaces` at most. Throws HostSpokeNonsense for what no picture can be the reason
 * of, HostFailed for what this picture may be the reason of: the pool then finds out whose fault it is.
 */
export function facesOf(told: ToldPicture, checking: Checking): { faces: readonly DetectedFace[]; found: number } {
  const { host, width, height, minScore } = checking;
  const { width: theirWidth = width, height: theirHeight = height } = told;
  if (theirWidth !== width || theirHeight !== height) {
    throw odd(host, `it measured ${theirWidth} × ${theirHeight} pixels instead of ${width} × ${height}`);
  }
  const counted = told.faces.filter(({ score }) => score === undefined || score >= minScore);
  const faces = counted.map((face): DetectedFace => {
    const box = boxOf(face, checking);
    const embedding = vectorOf(face.embedding, checking);
    return { box, embedding, ...(face.score === undefined ? {} : { score: Math.min(1, face.score) }) };
  });
  const largest = faces.toSorted((a, b) => b.box.width * b.box.height - a.box.width * a.box.height);
  return { faces: largest.slice(0, mostFaces), found: faces.length };
}

/** A picture may be to blame: half precision overflows on some, and a detector may lose itself in noise. */
const odd = (host: string, what: string): TransientError =>
  new TransientError('HostFailed', `${host} answers what cannot be: ${what}.`);

/** At the edge of a picture detectors draw a box around the whole head. What is more than half outside is no such box. */
function boxOf({ corners }: ToldFace, { host, width, height }: Checking): FaceBox {
  const [left, top, right, bottom] = corners;
  const middleX = (left + right) / 2;
  const middleY = (top + bottom) / 2;
  const isInside = middleX >= 0 && middleX <= width && middleY >= 0 && middleY <= height;
  const isBox = right - left >= 1 && bottom - top >= 1 && right - left <= 2 * width && bottom - top <= 2 * height;
  if (!isInside || !isBox) {
    const where = corners.map((value) => Math.round(value)).join(', ');
    throw odd(host, `a face at ${where} (left, top, right, bottom) of ${width} × ${height} pixels`);
  }
  const x = Math.max(0, left) / width;
  const y = Math.max(0, top) / height;
  return { x, y, width: Math.min(1, right / width) - x, height: Math.min(1, bottom / height) - y };
}

/** Shorter than this the numbers are rounding noise, and their direction says nothing. */
const shortestVector = 1e-6;

/** Of length 1 as a vector, whatever length the service gives it. */
export function vectorOf(numbers: readonly unknown[], { host, kind }: Pick<Checking, 'host' | 'kind'>): Float32Array {
  if (numbers.length !== embeddingLength) {
    const what = `its vectors have ${numbers.length} numbers instead of ${embeddingLength}; FACE_MODEL has to be one of insightface (buffalo_l, antelopev2)`;
    throw nonsense(kind, host, what);
  }
  const vector = new Float32Array(embeddingLength);
  let squares = 0;
  for (const [at, value] of numbers.entries()) {
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw odd(host, 'a vector with something that is no number');
    vector[at] = value;
    squares += value * value;
  }
  const length = Math.sqrt(squares);
  if (!Number.isFinite(length) || length < shortestVector) throw odd(host, 'a vector without a direction');
  return vector.map((value) => value / length);
}
