import { looseLibrary } from '../../domain/library.ts';
import { pageOfPhoto, photoInWords } from '../../domain/photo-name.ts';
import type { FoundPhoto, PhotoPage } from '../../domain/search.ts';
import type { Opened } from '../open.ts';
import { grouped, type Output, wrapped } from '../output.ts';
import { photoQuery, type PhotosAsked } from '../photo-query.ts';
import { printable } from '../text-columns.ts';
import { UsageError } from '../usage-error.ts';
import { libraryTarget } from './pause-kept.ts';

export interface SearchOptions extends PhotosAsked {
  readonly library?: string | undefined;
  readonly limit: number;
  readonly json: boolean;
}

/** Photos by what is said of them and by who is on them, the newest first: each with where it is, and the words around. */
export async function search(
  { search: photos, assets }: Pick<Opened, 'search' | 'assets'>,
  out: Output,
  { library, limit, json, ...asked }: SearchOptions,
): Promise<void> {
  const question = await photoQuery(photos, asked);
  const hasWords = (question.terms?.wanted.length ?? 0) > 0;
  if (!hasWords && question.people === undefined) {
    throw new UsageError(
      'Say a word that is in the description, or --person <name>. "darkroom search --help" has examples.',
    );
  }
  const name = library === undefined ? undefined : (await libraryTarget({ assets }, library)).name;
  const page = await photos.find({ ...question, limit, ...(name !== undefined && { library: name }) });
  const left = await photos.unsearchable();
  if (json) {
    return out.json({ photos: page.photos.map(photoAsJson), more: page.next !== undefined, notSearchableYet: left });
  }
  const say = (text: string, indent?: string) => {
    for (const line of wrapped(printable(text), out.columns, indent)) out.line(line);
  };
  for (const photo of page.photos) {
    // Not broken: somebody may want to copy it, or a program to read it.
    out.line(placeOf(photo));
    for (const line of wordsOf(photo)) say(line, '  ');
  }
  if (page.photos.length > 0) out.line();
  say(ending(page, limit, asked.person));
  if (left > 0) say(`${grouped(left)} older descriptions are not searched yet: the engine goes through them.`);
}

/** For programs. */
export function photoAsJson({ asset, root, kind, ...photo }: FoundPhoto) {
  const page = pageOfPhoto(asset, libraryOf({ asset, root, ...(kind !== undefined && { kind }) }));
  return {
    ...asset,
    ...(kind === undefined ? { file: fileOf({ asset, root }) } : {}),
    ...(page !== undefined && { page }),
    ...photo,
  };
}

type Placed = Pick<FoundPhoto, 'asset' | 'root' | 'kind'>;

const libraryOf = ({ asset, root, kind }: Placed) => ({
  name: asset.library,
  root,
  ...(kind !== undefined && { kind }),
});

/** Loose files are below the root of everything. */
const fileOf = ({ asset, root }: Placed): string =>
  asset.library === looseLibrary ? `/${asset.path}` : `${root.replace(/\/+$/, '')}/${asset.path}`;

const placeOf = (photo: FoundPhoto): string =>
  photo.kind === 'immich' ? photoInWords(photo.asset, libraryOf(photo)) : fileOf(photo);

function wordsOf({ takenAt, people, snippet, description }: FoundPhoto): string[] {
  const about = [
    ...(takenAt === undefined ? [] : [takenAt.slice(0, 16).replace('T', ' ')]),
    ...(people.length === 0 ? [] : [people.map(({ name }) => name).join(', ')]),
  ];
  const text = snippet ?? description;
  return [...(about.length === 0 ? [] : [about.join(' · ')]), ...(text === undefined ? [] : [text])];
}

function ending({ photos, next }: PhotoPage, limit: number, person: string | undefined): string {
  const shown = photos.length;
  if (shown === 0) {
    const who = person === undefined ? '' : ` with ${person} on it`;
    return `No photo${who} fits. Each word has to be in its description, or in the name of somebody on it.`;
  }
  if (next !== undefined) return `The newest ${grouped(shown)}; there are more: --limit ${limit * 2}`;
  return `${grouped(shown)} ${shown === 1 ? 'photo' : 'photos'}`;
}
