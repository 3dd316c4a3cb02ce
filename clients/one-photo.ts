import path from 'node:path';
import { showPath } from '../domain/paths.ts';
import type { FoundAsset, StatusQueries } from '../domain/status.ts';
import { UsageError } from './usage-error.ts';

const mostShown = 10;

/** Exactly one photo of that name; several are listed, for the person to choose. A path from here goes before a name. */
export async function onePhoto(
  queries: Pick<StatusQueries, 'findByPath'>,
  photo: string,
  what = 'photo',
): Promise<FoundAsset> {
  // A newline in a name is one here and `\x0a` in what is shown; what is shown may be given as well.
  const [asked, fromHere] = [photo, path.resolve(photo)].map((text) => showPath(Buffer.from(text)));
  const [here] = await queries.findByPath(fromHere ?? photo, 1);
  if (here?.match === 'exact') return here;
  const found = await queries.findByPath(asked ?? photo, mostShown + 1);
  const [first] = found;
  if (first === undefined) {
    throw new UsageError(
      `No ${what} "${asked}" is known. Give its path below the library's folder, or only its file name.${oddName(photo)}`,
    );
  }
  if (found.length === 1) return first;
  const names = found.slice(0, mostShown).map(({ asset }) => `  ${asset.library}/${asset.path}`);
  const more = found.length > mostShown ? '\n  …' : '';
  throw new UsageError(`Several photos are called "${photo}":\n${names.join('\n')}${more}\nGive more of the path.`);
}

/** Bytes that are no UTF-8 reach a program as one replacement character each: what they were is lost. */
const oddName = (photo: string): string =>
  photo.includes('\uFFFD') ? ' Write bytes that are no text as they are shown, for example \\xff.' : '';
