import type { AssetRef } from '../domain/asset.ts';
import type { BackfillStore } from '../domain/backfill-store.ts';
import type { PageTally } from '../domain/backfill.ts';
import type { ChosenPhotos, StartPageInput } from '../domain/contract.ts';
import type { AssetStore, LibraryRecord } from '../domain/ports.ts';
import type { Folders } from './folders.ts';

export interface Candidate {
  readonly asset: AssetRef;
  readonly rawPath: Uint8Array;
}

/** One page of where photos come from: those that need a run, and what is known of the others. */
export interface SourcePage extends Omit<PageTally, 'started' | 'underWay'> {
  readonly candidates: readonly Candidate[];
  readonly next: string | undefined;
}

export interface PageSource {
  page(cursor: string | undefined): Promise<SourcePage>;
  /** Of these, in their order, the ones that may be started; called just before they are. */
  take(candidates: readonly Candidate[]): Promise<readonly Candidate[]>;
}

export interface PageSourceDeps {
  readonly folders: Folders;
  readonly assets: Pick<AssetStore, 'libraries' | 'register'>;
  readonly backfills: Pick<BackfillStore, 'page' | 'take'>;
  readonly recipeHash: string;
  /** A pass leaves descriptions of other recipes as they are. */
  readonly keepOutdated?: boolean;
}

/** The photos that somebody chose, out of our rows, or all files of the library's folder. */
export const pageSource = (deps: PageSourceDeps, input: StartPageInput, signal: AbortSignal): PageSource =>
  input.chosen === undefined ? walked(deps, input, signal) : chosenOnes(deps, input, input.chosen);

function walked(
  { folders, assets, recipeHash, keepOutdated = false }: PageSourceDeps,
  input: StartPageInput,
  signal: AbortSignal,
): PageSource {
  return {
    async page(cursor) {
      const folder = await folders.of(input.library);
      const { files, next, problems } = await folder.page({ cursor, limit: input.pageSize, signal });
      const library = await recordOf(assets, input.library);
      const registered =
        files.length === 0 ? [] : await assets.register(library, files, keepOutdated ? undefined : recipeHash);
      const idle = registered.filter(({ needsRun }) => !needsRun);
      const unsupported = idle.filter(({ state }) => state === 'unsupported').length;
      return {
        candidates: registered.filter(({ needsRun }) => needsRun),
        next,
        seen: files.length,
        skipped: idle.length - unsupported,
        parked: idle.filter(({ state }) => state === 'parked').length,
        unsupported,
        problems,
      };
    },
    take: async (candidates) => candidates,
  };
}

function chosenOnes(
  { backfills, recipeHash }: PageSourceDeps,
  input: StartPageInput,
  chosen: ChosenPhotos,
): PageSource {
  const scope = { library: input.library, wantedHash: recipeHash };
  return {
    async page(cursor) {
      const { photos, seen, next } = await backfills.page(chosen, { ...scope, cursor, limit: input.pageSize });
      return { candidates: photos, next, seen, skipped: seen - photos.length, unsupported: 0, problems: [] };
    },
    async take(candidates) {
      const ids = candidates.map(({ asset }) => asset.assetId);
      const taken = await backfills.take(chosen, ids, scope);
      return candidates.filter(({ asset }) => taken.has(asset.assetId));
    },
  };
}

async function recordOf(assets: Pick<AssetStore, 'libraries'>, name: string): Promise<LibraryRecord> {
  const record = (await assets.libraries()).find((library) => library.name === name);
  if (record === undefined) throw new Error(`There is no library called ${name}.`);
  return record;
}
