import { activityInfo } from '@temporalio/activity';
import type { AssetRef } from '../domain/asset.ts';
import type { BackfillStore } from '../domain/backfill-store.ts';
import type { PageTally } from '../domain/backfill.ts';
import type { ChosenPhotos, StartPageInput } from '../domain/contract.ts';
import { isAskedOfImmich } from '../domain/immich-choice.ts';
import type { AssetStore, FoundFile, LibraryRecord } from '../domain/ports.ts';
import { priorities } from '../domain/queues.ts';
import type { WantedHashOf } from '../domain/wanted-recipes.ts';
import type { Folders } from './folders.ts';
import { immichChoice } from './immich-choice.ts';
import type { ImmichDeps } from './immich-deps.ts';
import { immichPages } from './immich-pages.ts';

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
  /** Of these, in their order, the ones that are to be started; called just before they are. */
  take(candidates: readonly Candidate[]): Promise<Taken>;
}

interface Taken {
  readonly start: readonly Candidate[];
  /** As many as were wanted are taken: nothing comes after these. */
  readonly isLast: boolean;
}

export interface PageSourceDeps {
  readonly folders: Folders;
  /** Absent: every library is a folder. */
  readonly immich?: ImmichDeps | undefined;
  readonly assets: Pick<AssetStore, 'libraries' | 'register'>;
  readonly backfills: Pick<BackfillStore, 'page' | 'take' | 'begin'>;
  readonly wanted: WantedHashOf;
  /** A pass leaves descriptions of other recipes as they are. */
  readonly keepOutdated?: boolean;
  /**
   * Milliseconds for which what is known of a page's files holds. After a longer wait for room they are looked at once more:
   * somebody else may have done them.
   */
  readonly freshMs?: number;
}

/** The photos that somebody chose, out of our rows, or all of the library: files of its folder, or what its Immich lists. */
export async function pageSource(
  deps: PageSourceDeps,
  input: StartPageInput,
  signal: AbortSignal,
): Promise<PageSource> {
  const { immich, keepOutdated = false, backfills } = deps;
  const { chosen } = input;
  const { hash: recipeHash } = await deps.wanted.of(input.library);
  const those = { ...deps, recipeHash };
  if (chosen !== undefined && !isAskedOfImmich(chosen.selection)) return chosenOnes(those, input, chosen);
  const open = await immich?.immichs.of(input.library, { fresh: true });
  if (immich === undefined || open === undefined) {
    return chosen === undefined ? walked(those, input, signal) : chosenOnes(those, input, chosen);
  }
  const there = { ...immich, open, recipeHash };
  if (chosen === undefined) return immichPages({ ...there, keepOutdated }, input, signal);
  return chosenOnes(those, input, chosen, immichChoice({ ...there, backfills }, input, chosen, signal));
}

type KnownDeps = PageSourceDeps & { readonly recipeHash: string };

function walked(deps: KnownDeps, input: StartPageInput, signal: AbortSignal): PageSource {
  const { folders, assets, recipeHash, keepOutdated = false, freshMs = 2_000 } = deps;
  const register = async (files: readonly FoundFile[]) =>
    files.length === 0
      ? []
      : await assets.register(await recordOf(assets, input.library), files, keepOutdated ? undefined : recipeHash);
  let readAt = 0;
  let fileOf = new Map<string, FoundFile>();
  return {
    async page(cursor) {
      const folder = await folders.of(input.library);
      const { files, next, problems } = await folder.page({ cursor, limit: input.pageSize, signal });
      const registered = await register(files);
      readAt = Date.now();
      fileOf = new Map(
        files.flatMap((file, at) => registered.slice(at, at + 1).map(({ asset }) => [asset.assetId, file])),
      );
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
    async take(candidates) {
      if (Date.now() - readAt < freshMs) return { start: candidates, isLast: false };
      const files = candidates.flatMap(({ asset }) => fileOf.get(asset.assetId) ?? []);
      return { start: (await register(files)).filter(({ needsRun }) => needsRun), isLast: false };
    },
  };
}

/** Out of our rows, or as `listed` by their library; which of them may be started is told by our rows either way. */
function chosenOnes(
  { backfills, recipeHash }: KnownDeps,
  input: StartPageInput,
  chosen: ChosenPhotos,
  listed?: (cursor: string | undefined) => Promise<SourcePage>,
): PageSource {
  const { priority = priorities.backfill } = input;
  const workflowId = activityInfo().workflowExecution?.workflowId ?? '';
  const scope = { library: input.library, wantedHash: recipeHash };
  return {
    async page(cursor) {
      if (cursor === undefined) await backfills.begin({ workflowId, library: input.library, chosen, priority });
      if (listed !== undefined) return await listed(cursor);
      const { photos, seen, next } = await backfills.page(chosen, { ...scope, cursor, limit: input.pageSize });
      return { candidates: photos, next, seen, skipped: seen - photos.length, unsupported: 0, problems: [] };
    },
    async take(candidates) {
      const ids = candidates.map(({ asset }) => asset.assetId);
      const taken = await backfills.take(chosen, ids, scope);
      const start = candidates.filter(({ asset }) => taken.has(asset.assetId));
      return { start, isLast: start.length < candidates.length };
    },
  };
}

async function recordOf(assets: Pick<AssetStore, 'libraries'>, name: string): Promise<LibraryRecord> {
  const record = (await assets.libraries()).find((library) => library.name === name);
  if (record === undefined) throw new Error(`There is no library called ${name}.`);
  return record;
}
