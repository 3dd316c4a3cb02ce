import type { Content } from '../domain/asset.ts';
import type { Activities, FingerprintResult } from '../domain/contract.ts';
import type { AssetStore, RenditionCache } from '../domain/ports.ts';
import { type FaceSteps, facesKnown } from './find-faces.ts';
import { heartbeating } from './heartbeat.ts';
import type { Sources } from './sources.ts';

export interface FingerprintDeps {
  readonly sources: Sources;
  readonly assets: Pick<AssetStore, 'knownContent' | 'rememberContent'>;
  readonly renditions: RenditionCache;
  /** Long side in pixels of the rendition that the wanted recipe sends. */
  readonly longSide: number;
  readonly faces: FaceSteps;
}

export function createFingerprintActivities(deps: FingerprintDeps): Pick<Activities, 'fingerprint'> {
  const { sources, assets, renditions, longSide } = deps;
  return {
    fingerprint: ({ asset, stat }) =>
      heartbeating(async (signal): Promise<FingerprintResult> => {
        const source = await sources.of(asset.library);
        const answer = async (content: Content): Promise<FingerprintResult> => {
          const told = await source.tell(asset, content, signal);
          if (told === undefined) return { kind: 'gone', why: 'it was deleted while it was read' };
          const { facesAreLeft, ...rest } = told;
          const known = { kind: 'known', contentHash: content.hash, summary: summaryOf(content), ...rest } as const;
          if (facesAreLeft !== true) return { ...known, ...(await facesKnown(deps.faces, asset, known)) };
          const left = { kind: 'left', note: 'its library recognises people' } as const;
          return deps.faces.eyes === undefined ? known : { ...known, faces: left };
        };
        const known = await assets.knownContent(asset.assetId, stat);
        if (known !== undefined) return await answer(known);
        const reading = await source.read(asset, { expected: stat, longSide, signal });
        if (reading.kind === 'gone') return { kind: 'gone', why: 'the file vanished while it was read' };
        if (reading.kind === 'torn') return { kind: 'torn' };
        // The picture for the model first: were the row first, a death between the two would only cost a second decoding.
        await renditions.put(reading.content.hash, longSide, reading.rendition);
        await assets.rememberContent(asset, stat, reading.content);
        return await answer(reading.content);
      }),
  };
}

const summaryOf = ({ hash, kind, width, height, bytes }: Content): string =>
  `${kind} ${width}×${height}, ${Math.ceil(bytes / 1024)} KB, sha256 ${hash.slice(0, 12)}`;
