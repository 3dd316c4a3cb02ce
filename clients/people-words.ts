import type { Person } from '../domain/person.ts';
import type { ListedPerson, Merge } from '../domain/person-store.ts';
import { grouped, type Output, wrapped } from './output.ts';
import { type PeopleFinding, personOf } from './people.ts';
import { printable, textWidth } from './text-columns.ts';
import { UsageError } from './usage-error.ts';

/** How people are told of people, and how they name them: a person by a name or a number, a face as f12, a merge as m5. */

const reference = (letter: string) => new RegExp(`^${letter}(\\d{1,18})$`, 'i');
const [face, merge] = [reference('f'), reference('m')];

/** The id of a face that is written as f12. */
export const faceIdOf = (text: string): string | undefined => face.exec(text.trim())?.[1];
export const mergeIdOf = (text: string): string | undefined => merge.exec(text.trim())?.[1];
export const isNumber = (text: string): boolean => /^\d{1,18}$/.test(text.trim());

/** Throws UsageError for what is no face. */
export function facesFrom(texts: readonly string[]): readonly string[] {
  return texts.map((text) => {
    const id = faceIdOf(text) ?? (isNumber(text) ? text.trim() : undefined);
    if (id === undefined) throw new UsageError(`"${text}" is no face: they are written as f12.`);
    return id;
  });
}

/** A number is a person's id; anything else, and a number that is nobody's, is a name. Throws PeopleError. */
export async function personCalled(deps: PeopleFinding, text: string): Promise<Person> {
  const said = text.trim();
  if (said === '') throw new UsageError('Whom? Say a name, or the number that "darkroom people" shows.');
  if (!isNumber(said)) return await personOf(deps, { name: said });
  return (await deps.persons.findByName(said)) ?? (await personOf(deps, { id: said }));
}

type Called = Pick<Person, 'personId' | 'name'>;

/** `Anna (17)`. */
export const calledWithId = ({ personId, name }: Called): string =>
  name === undefined ? `somebody without a name (${personId})` : `${printable(name)} (${personId})`;

/** As it is written in a shell. */
export const shellWord = (text: string): string =>
  /^[\w./:@-]+$/.test(text) ? text : `"${text.replace(/["\\$`]/g, '\\$&')}"`;

/** As it is written behind `--person`. */
export const quoted = ({ personId, name }: Called): string =>
  name === undefined ? personId : `"${name.replace(/["\\$`]/g, '\\$&')}"`;

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/** `34 faces on 20 photos: pictures 15, phone 5`. */
export const seenInWords = ({
  faces,
  photos,
  libraries,
}: Pick<ListedPerson, 'faces' | 'photos' | 'libraries'>): string =>
  `${counted(faces, 'face')} on ${counted(photos, 'photo')}${librariesInWords(libraries, ': ')}`;

export const librariesInWords = (libraries: ListedPerson['libraries'], before = ''): string =>
  libraries.length === 0
    ? ''
    : before + libraries.map(({ library, photos }) => `${library} ${grouped(photos)}`).join(', ');

/** `m5  Annie (18) into Anna (17): 12 faces, on 2026-11-22`. */
export function mergeInWords({ mergeId, source, target, faces, at, undone }: Merge): string {
  const back = undone === undefined ? '' : `, taken back on ${dayOf(undone)}`;
  const [from, to] = [calledWithId(source), calledWithId(target)];
  return `m${mergeId}  ${from} into ${to}: ${counted(faces, 'face')}, on ${dayOf(at)}${back}`;
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Rows beside each other where all of them fit, else each in lines of its own. */
export function tableLines(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths = rows.reduce<number[]>(
    (sum, row) => row.map((cell, at) => Math.max(sum[at] ?? 0, textWidth(cell))),
    [],
  );
  const whole = widths.reduce((sum, width) => sum + width + 2, 0);
  if (whole <= columns)
    return rows.map((row) =>
      row
        .map((cell, at) => padded(cell, widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  return rows.flatMap(([id = '', name = '', ...rest]) => [
    ...wrapped(`${id}  ${name}`, columns),
    ...wrapped(rest.filter((cell) => cell !== '').join(', '), columns, '    '),
  ]);
}

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - textWidth(text)));

/** Names and notes may hold what moves the cursor. */
export function say(out: Output, text: string, indent = ''): void {
  for (const line of wrapped(printable(text), out.columns, indent)) out.line(line);
}
