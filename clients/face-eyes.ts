import { setTimeout as sleep } from 'node:timers/promises';
import { PermanentError, TransientError } from '../domain/errors.ts';
import type { DetectedFace, FaceBox } from '../domain/face.ts';

/** Face services, asked for a person who waits. */

export interface Picture {
  /** Upright. */
  readonly jpeg: Buffer;
}

interface SizedPicture extends Picture {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** What looks at pictures. Throws what a pool of face services throws. */
interface FaceEyes {
  detect(task: Picture & { readonly photo: string; readonly signal: AbortSignal }): Promise<readonly DetectedFace[]>;
  embed(
    task: SizedPicture & { readonly photo: string; readonly signal: AbortSignal },
  ): Promise<{ readonly embedding: Float32Array | undefined }>;
}

export interface EyesDeps {
  /** Absent: no face service is set up. */
  readonly eyes?: FaceEyes | undefined;
  /** What lies in a box, and a tenth around it. */
  readonly crop: (jpeg: Buffer, box: FaceBox) => Promise<SizedPicture>;
  /** Milliseconds that a person waits for a service. */
  readonly patienceMs?: number;
}

const usualPatienceMs = 20_000;

/**
 * kept · no-service: none is set up · no-face: the service sees none there · refused: the service cannot do this picture. Without a
 * vector the face is like no other.
 */
export type VectorOf = 'kept' | 'no-service' | 'no-face' | 'refused';

/** Of what lies in the box. Throws TransientError while no service can answer. */
export async function vectorOf(
  deps: EyesDeps,
  { contentHash, jpeg, box, signal }: { contentHash: string; jpeg: Buffer; box: FaceBox; signal: AbortSignal },
): Promise<{ readonly embedding?: Float32Array; readonly vector: VectorOf }> {
  const { eyes } = deps;
  if (eyes === undefined) return { vector: 'no-service' };
  const cut = await deps.crop(jpeg, box);
  try {
    // Not the photo itself: what a service cannot do with this part says nothing of the whole.
    const task = { ...cut, photo: `${contentHash} at ${box.x}, ${box.y}` };
    const { embedding } = await patiently(deps, signal, (limit) => eyes.embed({ ...task, signal: limit }));
    return embedding === undefined ? { vector: 'no-face' } : { embedding, vector: 'kept' };
  } catch (error) {
    if (error instanceof PermanentError) return { vector: 'refused' };
    throw error;
  }
}

/** Slots that are all taken by a backlog are free again in a moment; who waits is a person, and not for ever. */
export async function patiently<T>(
  { patienceMs = usualPatienceMs }: EyesDeps,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(patienceMs);
  const either = AbortSignal.any([signal, limit]);
  const until = Date.now() + patienceMs / 2;
  for (;;) {
    try {
      return await work(either);
    } catch (error) {
      if (limit.aborted && !signal.aborted) {
        const words = `No face service answered within ${patienceMs / 1_000} s. Try again, or see "darkroom status".`;
        throw new TransientError('HostTimedOut', words, { cause: error });
      }
      if (!(error instanceof TransientError) || error.code !== 'NoHost' || Date.now() > until) throw error;
      await sleep(100, undefined, { signal: either });
    }
  }
}
