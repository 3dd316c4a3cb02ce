import type { Person } from '../../domain/person.ts';
import type { PhotoSelection } from '../../domain/selection.ts';
import type { Opened } from '../open.ts';
import type { Output } from '../output.ts';
import { counted, quoted, say, shellWord } from '../people-words.ts';
import { printable } from '../text-columns.ts';

export interface Redescribing {
  /** Has photos of people in a library described once more, behind everything else; absent where nobody asked for it. */
  readonly redo?: ((library: string, personIds: readonly string[]) => Promise<void>) | undefined;
  readonly json: boolean;
}

export interface WokenDeps {
  readonly assets: Pick<Opened['assets'], 'libraries'>;
  readonly backfillStore: Pick<Opened['backfillStore'], 'count'>;
}

type Named = Pick<Person, 'personId' | 'name'>;

/** Photos by library whose description calls these people otherwise. */
interface Woken {
  readonly people: readonly Named[];
  readonly libraries: readonly { readonly library: string; readonly photos: number }[];
}

/** What changed names make outdated. */
export async function wokenBy({ assets, backfillStore }: WokenDeps, people: readonly Named[]): Promise<Woken> {
  const named = people.map(({ personId: id, name }) => ({ id, name: name ?? id }));
  const selection: PhotoSelection = { which: { kind: 'written', people: 'changed' }, people: named };
  const folders = (await assets.libraries()).filter(({ kind }) => kind !== 'immich');
  const libraries = await Promise.all(
    folders.map(async ({ name: library }) => {
      // Which recipe is wanted does not matter for what was described already.
      const photos = await backfillStore.count(selection, { library, wantedHash: '' });
      return { library, photos };
    }),
  );
  return { people, libraries: libraries.filter(({ photos }) => photos > 0) };
}

/** Says how these photos are described again, or has it done. What was changed before is told by then. */
export async function tellWoken(
  out: Output,
  { people, libraries }: Woken,
  { redo, json }: Redescribing,
): Promise<void> {
  const ids = people.map(({ personId }) => personId);
  for (const { library } of redo === undefined ? [] : libraries) await redo?.(library, ids);
  if (json || libraries.length === 0) return;
  const photos = libraries.reduce((sum, one) => sum + one.photos, 0);
  const what = `${counted(photos, 'photo')} ${photos === 1 ? 'was' : 'were'} described before`;
  if (redo !== undefined) {
    return say(out, `${what}: described again now, behind everything else. "darkroom backfills" shows it.`);
  }
  say(out, `${what}. To describe ${photos === 1 ? 'it' : 'them'} again:`);
  const whom = people.map((one) => `--person ${quoted(one)}`).join(' ');
  // As it is to be typed: not broken into lines.
  for (const { library } of libraries)
    out.line(`  darkroom backfill ${shellWord(library)} --redo people ${printable(whom)}`);
}
