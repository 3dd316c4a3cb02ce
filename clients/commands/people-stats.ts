import { libraryCalled } from '../library-place.ts';
import type { Opened } from '../open.ts';
import { grouped, type Output } from '../output.ts';
import { say, tableLines } from '../people-words.ts';

/** How many faces and people are known, in all libraries or in one. */
export async function peopleStats(
  { people, assets, settings }: Pick<Opened, 'people' | 'assets' | 'settings'>,
  out: Output,
  asked: { readonly library: string | undefined; readonly json: boolean },
): Promise<void> {
  const library = await libraryCalled(assets, asked.library);
  const model = settings.FACE_MODEL;
  const stats = await people.persons.stats({ model, ...(library !== undefined && { library }) });
  if (asked.json) return out.json({ model, ...(library !== undefined && { library }), ...stats });
  const { photosWithFaces, photosWithoutFaces, photosFailed, faces, manualFaces, assignedFaces, suggestedFaces } =
    stats;
  const rows: readonly (readonly [string, number])[] = [
    ['photos with faces', photosWithFaces],
    ['photos without', photosWithoutFaces],
    ['photos that cannot be looked at', photosFailed],
    ['faces', faces],
    ['  drawn by hand', manualFaces],
    ['  of somebody', assignedFaces],
    ['  like somebody', suggestedFaces],
    ['people', stats.people],
    ['  with a name', stats.namedPeople],
    ['  hidden', stats.hiddenPeople],
  ];
  for (const line of tableLines(
    rows.map(([what, count]) => [what, grouped(count)]),
    out.columns,
  ))
    out.line(line);
  if (settings.FACE_API_URL.length > 0) return;
  out.line();
  say(out, 'No face service is set here: FACE_API_URL (docs/people.md). Nothing new is looked at without one.');
}
