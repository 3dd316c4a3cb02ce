import type { Person } from '../../domain/person.ts';
import type { PhotoSelection } from '../../domain/selection.ts';
import type { Opened } from '../open.ts';
import type { Output } from '../output.ts';
import { counted, quoted, say, shellWord } from '../people-words.ts';
import { printable } from '../text-columns.ts';

export interface Redescribing {
  /**
   * Has photos of people in a library described once more, behind everything else; false where that is under way already. Absent where
   * nobody asked for it.
   */
  readonly redo?: ((library: string, personIds: readonly string[]) => Promise<boolean>) | undefined;
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
  const begun: string[] = [];
  for (const { library } of redo === undefined ? [] : libraries) if (await redo?.(library, ids)) begun.push(library);
  if (json || libraries.length === 0) return;
  const photos = libraries.reduce((sum, one) => sum + one.photos, 0);
  const what = `${counted(photos, 'photo')} ${photos === 1 ? 'was' : 'were'} described before`;
  const left = libraries.filter(({ library }) => !begun.includes(library)).map(({ library }) => library);
  if (begun.length > 0) {
    say(out, `${what}: described again now, behind everything else. "darkroom backfills" shows it.`);
  }
  if (left.length === 0) return;
  if (redo === undefined) say(out, `${what}. To describe ${photos === 1 ? 'it' : 'them'} again:`);
  else
    say(
      out,
      `In ${left.join(', ')} that is under way already ("darkroom backfills"). For what it has passed, when it has ended:`,
    );
  const whom = people.map((one) => `--person ${quoted(one)}`).join(' ');
  // As it is to be typed: not broken into lines.
  for (const library of left) {
    out.line(`  darkroom backfill ${shellWord(library)} --redo people ${printable(whom)}`);
  }
}
