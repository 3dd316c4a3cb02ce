import type { ImmichWay } from '../../adapters/immich-ways.ts';
import { factsOfAsset } from '../../domain/immich-facts.ts';
import { leftOutWords } from '../../domain/immich-rules.ts';
import type { ImmichAsset, ImmichLibrary } from '../../domain/immich.ts';
import type { PictureReader } from '../../domain/ports.ts';
import { oneLine } from '../../domain/one-line.ts';
import { namesIn } from '../../domain/template.ts';
import type { Settings } from '../../runtime/config.ts';
import { immichAccess } from '../../runtime/immich-settings.ts';
import { UsageError } from '../usage-error.ts';
import type { ChosenAsset, ReadPhoto } from './read-photo.ts';

/** Photos of the Immich that the settings name, for trying: nothing is written there. */
export interface TryImmich {
  /** The settings name one. */
  readonly isThere: boolean;
  /** Throws UsageError where no key opens such a photo, and the faults of Immich. */
  choose(id: string, signal: AbortSignal): Promise<ChosenAsset>;
  read(photo: ChosenAsset, input: { longSide: number; prompt: string; signal: AbortSignal }): Promise<ReadPhoto>;
  close(): Promise<void>;
}

interface Found {
  readonly immich: ImmichLibrary;
  readonly asset: ImmichAsset;
}

export function tryImmich(settings: Settings, pictures: Pick<PictureReader, 'readBytes'>): TryImmich {
  let opened: Promise<readonly ImmichWay[]> | undefined;
  // Loaded when it is wanted: an HTTP client would hold up every try of a file.
  const ways = async () => {
    const { openImmichWays } = await import('../../adapters/immich-ways.ts');
    return await openImmichWays(immichAccess(settings));
  };
  const find = async (id: string, signal: AbortSignal): Promise<Found | undefined> => {
    for (const { immich } of await (opened ??= ways())) {
      const asset = await immich.asset(id, signal);
      if (asset !== undefined) return { immich, asset };
    }
    return undefined;
  };
  return {
    isThere: settings.IMMICH_API_URL !== undefined || settings.IMMICH_DB_URL !== undefined,
    async choose(id, signal) {
      const found = await find(id, signal);
      if (found !== undefined)
        return { immichId: id, shown: oneLine(found.asset.originalFileName).replaceAll('/', '_') };
      const known = (await opened)?.length ?? 0;
      throw new UsageError(
        known === 0
          ? `${id} is a photo of an Immich, and this shell has no IMMICH_API_URL and IMMICH_API_KEY to ask it with.`
          : `No key in IMMICH_API_KEY opens a photo ${id}.`,
      );
    },
    async read({ immichId, shown }, { longSide, prompt, signal }) {
      const found = await find(immichId, signal);
      if (found === undefined) throw new Error(`${shown} is not there any more.`);
      const { immich, asset } = found;
      if (asset.visibility === 'locked') throw new Error(`${shown}: ${leftOutWords.locked}.`);
      const bytes = await immich.preview(asset, signal);
      if (bytes === undefined) throw new Error(`${shown} has no preview in Immich yet.`);
      const { rendition } = await pictures.readBytes({ bytes, longSide, signal });
      const albums = namesIn(prompt).includes('albums') ? await immich.albumsOf(asset.id, signal) : undefined;
      return { jpeg: rendition, facts: factsOfAsset(asset, { ...(albums !== undefined && { albums }) }) };
    },
    async close() {
      const all = await opened?.catch(() => []);
      await Promise.all((all ?? []).map(({ immich }) => immich.close()));
    },
  };
}
