import type { AssetRef } from '../../domain/asset.ts';
import type { FailureFilter, FailureGroup, ListedFailure } from '../../domain/failures.ts';
import { assetWorkflowId } from '../../domain/paths.ts';
import type { Recipe } from '../../domain/recipe.ts';
import type { FailureRecord } from '../../domain/status.ts';
import { wantedHashIn } from '../../domain/wanted-recipes.ts';
import { wantedRecipes } from '../host-report.ts';
import { pageOfPhoto, photoNames } from '../../domain/photo-name.ts';
import { onePhoto, pageAsJson, titleOf } from '../one-photo.ts';
import type { Opened } from '../open.ts';
import { aligned, type Output, wrapped } from '../output.ts';
import { fit, span } from '../progress-line.ts';
import { UsageError } from '../usage-error.ts';

export interface Wanted {
  readonly code?: string | undefined;
  readonly step?: string | undefined;
  readonly library?: string | undefined;
  readonly recipe?: 'wanted' | 'other' | undefined;
}

interface Naming {
  readonly assets: Pick<Opened['assets'], 'libraries'>;
  readonly facts: Opened['facts'];
}
type Listing = Naming & Pick<Opened, 'failures'>;

/** What the person named, checked where it can be. */
export async function filterOf(opened: Naming, { recipe, ...named }: Wanted): Promise<FailureFilter> {
  const libraries = named.library === undefined ? [] : await opened.assets.libraries();
  if (named.library !== undefined && !libraries.some(({ name }) => name === named.library)) {
    const names = libraries.map(({ name }) => name).join(', ');
    throw new UsageError(`There is no library called ${named.library}. There are: ${names}`);
  }
  if (recipe === undefined) return named;
  const wanted = await wantedRecipes(opened);
  if (wanted === undefined) {
    throw new Error(
      'The engine has not said yet which recipe is wanted. Try again when "darkroom status" shows hosts.',
    );
  }
  return { ...named, recipe: { which: recipe, wanted } };
}

/** Parked photos by code; where one code is asked for, also the photos. */
export async function listFailures(
  opened: Listing,
  out: Output,
  { wanted, limit, json }: { wanted: Wanted; limit: number; json: boolean },
): Promise<void> {
  const { failures } = opened;
  const filter = await filterOf(opened, wanted);
  const [groups, total, photos] = await Promise.all([
    failures.groups(filter, limit),
    failures.count(filter),
    filter.code === undefined ? [] : failures.newest(filter, limit),
  ]);
  const libraries = total === 0 ? [] : await opened.assets.libraries();
  if (json) {
    const pageOf = (asset: AssetRef) => {
      const library = libraries.find(({ name }) => name === asset.library);
      const page = pageOfPhoto(asset, library);
      return page === undefined ? {} : { page };
    };
    const shown = groups.map((group) => ({ ...group, ...pageOf(group.example) }));
    const listed = photos.map((photo) => ({ ...photo, ...pageOf(photo.asset) }));
    return out.json({ total, groups: shown, ...(filter.code !== undefined && { photos: listed }) });
  }
  if (total === 0) return out.line(await nothingParked(opened, filter));
  const nameOf = photoNames(libraries);
  out.line(`${total} ${total === 1 ? 'photo needs' : 'photos need'} you`);
  for (const group of groups) showGroup(group, out, nameOf);
  const shown = groups.reduce((sum, { count }) => sum + count, 0);
  if (shown < total) out.line(`\n${total - shown} more of other codes: --limit ${limit * 2}`);
  if (photos.length > 0) showPhotos(photos, total, out, nameOf);
  const again = 'When the cause is gone: darkroom failures retry [--code …]';
  out.line();
  for (const line of wrapped(again, out.columns)) out.line(line);
}

type NameOf = ReturnType<typeof photoNames>;

function showGroup({ code, count, steps, reason, at, example }: FailureGroup, out: Output, nameOf: NameOf): void {
  const parts = [`${count} ${code}, at ${steps.join(' and ')}, the latest ${ago(at)}`];
  out.line();
  for (const part of parts) for (const line of wrapped(part, out.columns)) out.line(line);
  for (const text of [reason, `for example ${nameOf(example)}`])
    for (const line of wrapped(text, out.columns, '  ')) out.line(line);
}

function showPhotos(photos: readonly ListedFailure[], total: number, out: Output, nameOf: NameOf): void {
  out.line();
  for (const { asset, at } of photos) {
    for (const line of wrapped(`${nameOf(asset)}  ${ago(at)}`, out.columns, '  ')) out.line(line);
  }
  if (photos.length < total) out.line(`  … and ${total - photos.length} more`);
}

/** A filter that leaves nothing may hold a slip of the pen: says what there is. */
export async function nothingParked({ failures }: Pick<Opened, 'failures'>, filter: FailureFilter): Promise<string> {
  const narrowed = Object.values(filter).some((value) => value !== undefined);
  const all = narrowed ? await failures.groups({}, 10) : [];
  if (all.length === 0) return 'No photo needs you.';
  return `No parked photo is like that. Parked are: ${all.map(({ code, count }) => `${count} ${code}`).join(', ')}`;
}

/** Everything that is known of one parked photo. */
export async function showFailure(
  opened: Opened,
  out: Output,
  { photo, json, sha256 }: { photo: string; json: boolean; sha256: (raw: Uint8Array) => string },
): Promise<void> {
  const { queries, recipes, photos } = opened;
  const found = await onePhoto(queries, photo);
  const { asset, rawPath, root, state } = found;
  const failure = await queries.failure(asset.assetId);
  if (failure === undefined) {
    const name = found.kind === 'immich' ? titleOf(found) : `${asset.library}/${asset.path}`;
    throw new Error(`${name} is not parked: it is ${state}. See darkroom trace.`);
  }
  const workflowId = assetWorkflowId(asset.library, rawPath, sha256);
  const [live, last, recipe, wanted] = await Promise.all([
    photos.stage(workflowId).catch(() => undefined),
    queries.lastRun(asset.assetId),
    failure.recipeHash === undefined ? undefined : recipes.recipe(failure.recipeHash),
    wantedRecipes(opened).then((wanted) => wanted && wantedHashIn(wanted, asset.library)),
  ]);
  const webUi = opened.pageOf(workflowId);
  const open = live?.open ?? false;
  if (json) {
    return out.json({
      asset,
      ...pageAsJson(found),
      root,
      state,
      open,
      failure,
      recipe,
      wantedRecipeHash: wanted,
      run: last,
      workflowId,
      webUi,
    });
  }
  for (const line of wrapped(titleOf(found), out.columns)) out.line(line);
  for (const [name = '', text = ''] of rowsOf({ failure, wanted, recipe, live })) {
    for (const line of wrapped(`${name.padEnd(8)}${text}`, out.columns)) out.line(line);
  }
  if (last !== undefined) out.line();
  const story = last?.story.map(({ step, at, note }) => [new Date(at).toISOString().slice(11, 19), step, note]) ?? [];
  for (const line of aligned(story)) out.line(fit(line, out.columns));
  out.line();
  out.line(webUi ?? `workflow ${workflowId}`);
}

interface Known {
  readonly failure: FailureRecord;
  /** Hash of the recipe that is wanted now. */
  readonly wanted: string | undefined;
  readonly recipe: Recipe | undefined;
  readonly live: { readonly open: boolean; readonly note: string } | undefined;
}

const rowsOf = ({ failure, wanted, recipe, live }: Known): string[][] => [
  ['parked', `at ${failure.step}, ${ago(failure.at)} (${new Date(failure.at).toISOString()})`],
  ['reason', `${failure.code}: ${failure.reason}`],
  ...failure.tries.map(({ host, code }, at) => [`try ${at + 1}`, host === undefined ? code : `${code} on ${host}`]),
  ['recipe', recipeWords(failure, wanted, recipe)],
  ...(live?.open === true ? [['now', `it is being tried again: ${live.note}`]] : []),
];

function recipeWords({ recipeHash }: FailureRecord, wanted: string | undefined, recipe: Recipe | undefined): string {
  if (recipeHash === undefined) return 'none was chosen yet: it is about the file';
  const which = wanted === undefined ? '' : recipeHash === wanted ? ', the one in use' : ', not the one in use now';
  const what = recipe === undefined ? '' : `: ${recipe.models.join(', ')} in ${recipe.language}`;
  return `${recipeHash.slice(0, 12)}${which}${what}`;
}

const ago = (at: number): string => `${span((Date.now() - at) / 60_000)} ago`;
