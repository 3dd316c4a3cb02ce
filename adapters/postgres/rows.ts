import { z } from 'zod';
import { assetStates, type Content, type FileStat, photoKinds } from '../../domain/asset.ts';
import type { Description } from '../../domain/description.ts';

/** bigint columns arrive as text. Ids stay text; sizes and counts are below 2^53. */
export const id = z.string().regex(/^\d+$/);
export const count = z.coerce.number();
export const bytea = z.instanceof(Buffer);
export const assetState = z.enum(assetStates);

export const statRow = z.object({
  size: count.nullable(),
  mtimeMs: z.number().nullable(),
  ctimeMs: z.number().nullable(),
  inode: z.string().nullable(),
});

/** Undefined for a file that was never read. */
export function statOf({ size, mtimeMs, ctimeMs, inode }: z.output<typeof statRow>): FileStat | undefined {
  if (size === null || mtimeMs === null || inode === null) return undefined;
  return { size, mtimeMs, ctimeMs: ctimeMs ?? mtimeMs, inode };
}

export const contentRow = z.object({
  hash: z.string(),
  bytes: count,
  kind: z.enum(photoKinds),
  width: z.number(),
  height: z.number(),
  takenAt: z.string().nullable(),
  camera: z.string().nullable(),
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  keywords: z.array(z.string()).nullable(),
  caption: z.string().nullable(),
});

export function contentOf(row: z.output<typeof contentRow>): Content {
  const { hash, bytes, kind, width, height, takenAt, camera, latitude, longitude, keywords, caption } = row;
  const capture = {
    ...(takenAt === null ? {} : { takenAt }),
    ...(camera === null ? {} : { camera }),
    ...(latitude === null ? {} : { latitude }),
    ...(longitude === null ? {} : { longitude }),
    ...(keywords === null ? {} : { keywords }),
    ...(caption === null ? {} : { caption }),
  };
  return { hash, bytes, kind, width, height, capture };
}

export const descriptionRow = z.object({
  text: z.string(),
  tags: z.array(z.string()).nullable(),
  textInImage: z.string().nullable(),
  safety: z.string().nullable(),
  model: z.string(),
  host: z.string(),
  simulated: z.boolean(),
  promptTokens: z.number().nullable(),
  answerTokens: z.number().nullable(),
  loadMs: z.number().nullable(),
  evalMs: z.number().nullable(),
  totalMs: z.number(),
});

export function descriptionOf(row: z.output<typeof descriptionRow>): Description {
  const { text, tags, textInImage, safety, model, host, simulated } = row;
  const { promptTokens, answerTokens, loadMs, evalMs, totalMs } = row;
  return {
    text,
    ...(tags === null ? {} : { tags }),
    ...(textInImage === null ? {} : { textInImage }),
    ...(safety === null ? {} : { safety }),
    model,
    host,
    simulated,
    ...(promptTokens === null ? {} : { promptTokens }),
    ...(answerTokens === null ? {} : { answerTokens }),
    ...(loadMs === null ? {} : { loadMs }),
    ...(evalMs === null ? {} : { evalMs }),
    totalMs,
  };
}

/** Ids come from histories and from people; what is no bigint is simply not there. */
export const isId = (text: string): boolean => /^\d{1,18}$/.test(text);
