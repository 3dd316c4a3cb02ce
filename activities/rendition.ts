import type { AssetRef } from '../domain/asset.ts';
import type { AssetStore, RenditionCache } from '../domain/ports.ts';
import type { Sources } from './sources.ts';

export interface RenditionDeps {
  readonly assets: Pick<AssetStore, 'rememberContent'>;
  readonly renditions: RenditionCache;
  readonly sources: Sources;
}

export interface WantedRendition {
  readonly asset: AssetRef;
  /** Of the bytes that were fingerprinted. */
  readonly contentHash: string;
  /** Pixels. */
  readonly longSide: number;
}

/** From the cache; made again where it was evicted. Undefined where the file is no longer the one that was fingerprinted. */
export async function renditionFor(
  { assets, renditions, sources }: RenditionDeps,
  { asset, contentHash, longSide }: WantedRendition,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const cached = await renditions.get(contentHash, longSide);
  if (cached !== undefined) return cached;
  const source = await sources.of(asset.library);
  const expected = await source.version(asset, signal);
  if (expected === undefined) return undefined;
  const again = await source.read(asset, { expected, longSide, signal });
  if (again.kind !== 'read') return undefined;
  await renditions.put(again.content.hash, longSide, again.rendition);
  if (again.content.hash === contentHash) return again.rendition;
  // Other bytes behind the same size and time: unless that is written down, the next fingerprint answers the old hash again.
  await assets.rememberContent(asset, expected, again.content);
  return undefined;
}
