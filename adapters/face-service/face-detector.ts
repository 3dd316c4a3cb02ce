import sharp from 'sharp';
import type { FaceDetector } from '../../domain/face.ts';
import type { FacePool } from './face-pool.ts';

/** The pool, for pictures whose size is not known yet: of an upright JPEG it stands in its first bytes. */
export const createFaceDetector = (pool: Pick<FacePool, 'model' | 'detect'>): FaceDetector => ({
  model: pool.model,
  async detect(task) {
    const { width, height } = await sharp(task.jpeg).metadata();
    return (await pool.detect({ ...task, width, height })).faces;
  },
});
