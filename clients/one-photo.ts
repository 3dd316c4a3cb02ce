import path from 'node:path';
import { namedAsset } from '../domain/immich-link.ts';
import { showPath } from '../domain/paths.ts';
import { pageOfPhoto, photoInWords } from '../domain/photo-name.ts';
import type { FoundAsset, StatusQueries } from '../domain/status.ts';
import { UsageError } from './usage-error.ts';

const mostShown = 10;

export type Finding = Pick<StatusQueries, 'findByPath' | 'findInImmich'>;

/**
 * Exactly one photo of that name; several are listed, for the person to choose. A photo of an Immich may be named by its id, or by a
 * link from the browser. A path from here goes before a name.
 */
export async function onePhoto(queries: Finding, photo: string, what = 'photo'): Promise<FoundAsset> {
  const inImmich = await photoOfImmich(queries, photo);
  if (inImmich !== undefined) return inImmich;
  const named = namedAsset(photo);
  if (named !== undefined) {
    throw new UsageError(
      `No photo ${named.id} of an Immich is known yet. "darkroom describe ${photo}" asks Immich for it and describes it now.`,
    );
  }
  // A newline in a name is one here and `\x0a` in what is shown; what is shown may be given as well.
  const [asked, fromHere] = [photo, path.resolve(photo)].map((text) => showPath(Buffer.from(text)));
  const [here] = await queries.findByPath(fromHere ?? photo, 1);
  if (here?.match === 'exact') return here;
  const found = await queries.findByPath(asked ?? photo, mostShown + 1);
  if (found.length === 0) {
    throw new UsageError(
      `No ${what} "${asked}" is known. Give its path below the library's folder, or only its file name.${oddName(photo)}`,
    );
  }
  return onlyOne(found, photo);
}

/** A photo that was named by its id in Immich or by a link. Undefined where it was not, or where it has no row yet. */
export async function photoOfImmich(
  queries: Pick<Finding, 'findInImmich'>,
  photo: string,
): Promise<FoundAsset | undefined> {
  const named = namedAsset(photo);
  if (named === undefined) return undefined;
  const found = await queries.findInImmich(named.id);
  const there = found.filter(({ root }) => named.host !== undefined && hostOf(root) === named.host.toLowerCase());
  // The address in a browser may be another one than Darkroom's, which is inside of a network.
  const meant = there.length > 0 ? there : found;
  return meant.length === 0 ? undefined : onlyOne(meant, photo);
}

/** Throws UsageError that lists them where there are several. */
export function onlyOne(found: readonly FoundAsset[], photo: string): FoundAsset {
  const [first, ...more] = found;
  if (first !== undefined && more.length === 0) return first;
  const names = found.slice(0, mostShown).map((one) => `  ${wordsOf(one)}`);
  const rest = found.length > mostShown ? '\n  …' : '';
  const how = found.some(({ kind }) => kind === 'immich')
    ? 'Give more of the path, or the link.'
    : 'Give more of the path.';
  throw new UsageError(`Several photos are called "${photo}":\n${names.join('\n')}${rest}\n${how}`);
}

/** The first line about a photo: its name, its library, and where that is. */
export const titleOf = (found: FoundAsset): string =>
  found.kind === 'immich'
    ? `${wordsOf(found)}  (${found.asset.library})`
    : `${found.asset.path}  (${found.asset.library}, ${found.root})`;

/** For programs: where it is in the web app of its Immich. */
export function pageAsJson(found: FoundAsset): { page?: string } {
  const page = pageOfPhoto(found.asset, libraryOf(found));
  return page === undefined ? {} : { page };
}

const wordsOf = (found: FoundAsset): string => photoInWords(found.asset, libraryOf(found));

const libraryOf = ({ asset, root, kind }: FoundAsset) => ({
  name: asset.library,
  root,
  ...(kind !== undefined && { kind }),
});

const hostOf = (root: string): string | undefined =>
  URL.canParse(root) ? new URL(root).host.toLowerCase() : undefined;

/** Bytes that are no UTF-8 reach a program as one replacement character each: what they were is lost. */
const oddName = (photo: string): string =>
  photo.includes('\uFFFD') ? ' Write bytes that are no text as they are shown, for example \\xff.' : '';
