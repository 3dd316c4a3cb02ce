import { makePhoto } from '../pictures.ts';
import type { AssetRow } from './rows.ts';

export interface Pictures {
  /** The preview of an asset: few different pictures, but bytes of its own. */
  of(asset: Pick<AssetRow, 'picture' | 'ownPreviews'>, edited: boolean): Promise<Buffer>;
}

/** How many different pictures there are: making one takes milliseconds, which 10,000 assets would feel. */
export const variants = 12;

export function createPictures({ width = 320, height = 240 }: { width?: number; height?: number } = {}): Pictures {
  const pool = new Map<number, Promise<Buffer>>();
  const variant = (seed: number): Promise<Buffer> => {
    const known = pool.get(seed) ?? makePhoto({ seed, width, height });
    pool.set(seed, known);
    return known;
  };
  return {
    // An edited picture is another one (sheet 2.1: a second set of derived files).
    async of({ picture, ownPreviews }, edited) {
      const own = edited ? ownPreviews.edited : ownPreviews.plain;
      if (own !== undefined) return Buffer.from(own, 'base64');
      return marked(await variant((picture.variant % variants) + (edited ? variants : 0)), picture.mark);
    },
  };
}

/** With a comment behind its first two bytes: other bytes, the same picture. */
function marked(jpeg: Buffer, mark: string): Buffer {
  const text = Buffer.from(mark, 'utf8');
  const head = Buffer.from([0xff, 0xfe, 0, 0]);
  head.writeUInt16BE(text.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, text, jpeg.subarray(2)]);
}
