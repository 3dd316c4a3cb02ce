import sharp from 'sharp';
import type { FaceBox } from '../../domain/face.ts';
import { type DecoderLimits, decoderFault } from './faults.ts';

export interface CropInput {
  /** A picture of a kind that sharp decodes, with its EXIF orientation if it has one. */
  readonly bytes: Buffer;
  /** In words, for messages: `jpeg`. */
  readonly kind: string;
  /** On the upright picture. */
  readonly box: FaceBox;
}

export interface Crop {
  /** Upright, without metadata. */
  readonly jpeg: Buffer;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** On each side, of the box's own size: face models want some of the head around the face. */
const padding = 0.1;
/** Detectors look at 640 × 640; more than this only takes longer. */
const longestSide = 1024;

/**
 * What lies in a box and a tenth around it, as far as the picture goes, made smaller where it is larger than 1,024 pixels.
 * Throws RangeError for a box with nothing of the picture in it, PermanentError as the picture reader does.
 */
export async function cropFace({ bytes, kind, box }: CropInput, limits: DecoderLimits): Promise<Crop> {
  const { maxPixels, timeoutMs } = limits;
  const picture = sharp(bytes, { failOn: 'truncated', limitInputPixels: maxPixels, autoOrient: true });
  try {
    const { autoOrient } = await picture.metadata();
    const { data, info } = await picture
      .extract(pixelsAround(box, autoOrient))
      .resize({ width: longestSide, height: longestSide, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: 90 })
      .timeout({ seconds: Math.max(1, Math.ceil(timeoutMs / 1000)) })
      .toBuffer({ resolveWithObject: true });
    return { jpeg: data, width: info.width, height: info.height };
  } catch (error) {
    throw error instanceof RangeError ? error : decoderFault(error, kind, limits);
  }
}

/** Whole pixels, one at least. */
export function pixelsAround(box: FaceBox, { width, height }: { width: number; height: number }) {
  const across = span(box.x, box.width, width);
  const down = span(box.y, box.height, height);
  if (across === undefined || down === undefined) {
    const where = `${box.x}, ${box.y}, ${box.width} × ${box.height}`;
    throw new RangeError(`The box (${where}) has nothing of the picture in it; its numbers go from 0 to 1.`);
  }
  return { left: across.from, top: down.from, width: across.length, height: down.length };
}

function span(start: number, length: number, pixels: number): { from: number; length: number } | undefined {
  // Not a number is neither above nor below.
  if (!(length > 0 && start < 1 && start + length > 0)) return undefined;
  const from = Math.min(pixels - 1, Math.max(0, Math.round((start - length * padding) * pixels)));
  const to = Math.min(pixels, Math.round((start + length * (1 + padding)) * pixels));
  return { from, length: Math.max(1, to - from) };
}
