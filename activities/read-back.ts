import type { ImmichAsset, ImmichLibrary } from '../domain/immich.ts';

/** A photo whose field is to be read. */
export interface Wanted {
  /** In Immich. */
  readonly id: string;
  /** When it was taken, milliseconds since 1970; undefined where that is not known. */
  readonly taken: number | undefined;
}

export interface Reading {
  readonly immich: Pick<ImmichLibrary, 'page' | 'asset'>;
  /** Videos may be among them: by REST that is another request for each page. */
  readonly videos: boolean;
}

/** A page that tells of fewer is dearer than to ask for each: it carries a few hundred photos that nobody wanted. */
const fewestInPage = 4;
const smallestPage = 250;
/** The most that Immich gives at once (reference, 5.3). */
const largestPage = 1_000;
/** Photos that are asked for one by one where a page told of few; twice as many each time in a row. */
const firstStride = 8;
/** Immich answers other people meanwhile. */
const asksAtOnce = 4;

/**
 * What Immich has of these photos now; absent: it is gone. Where many were taken near each other they are read by pages, else
 * one by one, so that a thousand that came together cost a request or two. Throws the faults of the library.
 */
export async function readBack(
  reading: Reading,
  wanted: readonly Wanted[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ImmichAsset>> {
  const found = new Map<string, ImmichAsset>();
  const alone = wanted.filter(({ taken }) => taken === undefined);
  let left = wanted.flatMap(({ id, taken }) => (taken === undefined ? [] : [{ id, taken }]));
  left.sort((a, b) => b.taken - a.taken);
  for (let stride = 0; left.length >= fewestInPage;) {
    const { assets, horizon } = await pageOver(reading, left, signal);
    for (const one of left) keep(found, assets.get(one.id));
    const told = left.filter(({ id, taken }) => found.has(id) || taken > horizon);
    // Hidden or moved in time since it was written: not on the page, and not gone for that.
    alone.push(...told.filter(({ id }) => !found.has(id)));
    left = left.filter(({ id, taken }) => !found.has(id) && taken <= horizon);
    stride = told.length >= fewestInPage ? 0 : Math.max(firstStride, 2 * stride);
    alone.push(...left.splice(0, stride));
  }
  alone.push(...left);
  for (let at = 0; at < alone.length; at += asksAtOnce) {
    const some = alone.slice(at, at + asksAtOnce);
    for (const asset of await Promise.all(some.map(({ id }) => reading.immich.asset(id, signal)))) keep(found, asset);
  }
  return found;
}

function keep(found: Map<string, ImmichAsset>, asset: ImmichAsset | undefined): void {
  if (asset !== undefined) found.set(asset.id, asset);
}

/** The newest photos of this span; what was taken after `horizon` is on the page, or not to be found on any. */
async function pageOver({ immich, videos }: Reading, span: readonly { readonly taken: number }[], signal: AbortSignal) {
  const [newest = 0, oldest = 0] = [span[0]?.taken, span.at(-1)?.taken];
  const limit = Math.min(largestPage, Math.max(smallestPage, Math.ceil(span.length * 1.2)));
  // A millisecond more on both sides: Immich keeps finer times than it tells.
  const bounds = { takenFrom: oldest - 1, takenTo: newest + 1 };
  const { assets, next } = await immich.page({ cursor: undefined, limit, ...bounds, videos, signal });
  const horizon = next === undefined ? -Infinity : (assets.at(-1)?.fileCreatedAt ?? Infinity);
  return { assets: new Map(assets.map((asset) => [asset.id, asset])), horizon };
}
