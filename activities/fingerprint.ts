import type { Content } from '../domain/asset.ts';
import type { Activities, FingerprintResult } from '../domain/contract.ts';
import type { AssetStore, PictureReader, RenditionCache } from '../domain/ports.ts';
import { promptFacts } from '../domain/recipe.ts';
import type { Folders } from './folders.ts';
import { heartbeating } from './heartbeat.ts';

export interface FingerprintDeps {
  readonly folders: Folders;
  readonly assets: Pick<AssetStore, 'knownContent' | 'rememberContent'>;
  readonly pictures: PictureReader;
  readonly renditions: RenditionCache;
  /** Long side in pixels of the rendition that the wanted recipe sends. */
  readonly longSide: number;
}

export function createFingerprintActivities(deps: FingerprintDeps): Pick<Activities, 'fingerprint'> {
  const { folders, assets, pictures, renditions, longSide } = deps;
  return {
    fingerprint: ({ asset, stat }) =>
      heartbeating(async (signal): Promise<FingerprintResult> => {
        const known = await assets.knownContent(asset.assetId, stat);
        if (known !== undefined) return answer(known);
        const { folder, rawPath } = await folders.locate(asset);
        const path = await folder.resolve(rawPath);
        const reading = await pictures.read({ path, expected: stat, longSide, signal });
        if (reading.kind === 'gone') return { kind: 'gone', why: 'the file vanished while it was read' };
        if (reading.kind === 'torn') return { kind: 'torn' };
        // The picture for the model first: were the row first, a death between the two would only cost a second decoding.
        await renditions.put(reading.content.hash, longSide, reading.rendition);
        await assets.rememberContent(asset, stat, reading.content);
        return answer(reading.content);
      }),
  };
}

const answer = ({ hash, kind, width, height, bytes, capture }: Content): FingerprintResult => ({
  kind: 'known',
  contentHash: hash,
  facts: promptFacts(capture),
  summary: `${kind} ${width}×${height}, ${Math.ceil(bytes / 1024)} KB, sha256 ${hash.slice(0, 12)}`,
});
