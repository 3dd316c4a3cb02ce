import { photoNames } from '../../domain/photo-name.ts';
import { libraryCalled } from '../library-place.ts';
import type { Opened } from '../open.ts';
import type { Output } from '../output.ts';
import { answerSuggestions, type Answered } from '../people.ts';
import { calledWithId, counted, facesFrom, personCalled, say } from '../people-words.ts';
import { UsageError } from '../usage-error.ts';

export interface Suggesting {
  /** Only faces that are like this person. */
  readonly who: string | undefined;
  readonly library: string | undefined;
  readonly limit: number;
  readonly accept: readonly string[];
  readonly reject: readonly string[];
  readonly json: boolean;
}

type SuggestDeps = Pick<Opened, 'people' | 'assets' | 'settings'>;

/** Faces that may be of somebody, the most alike first; or a person's word on some of them. Throws PeopleError. */
export async function suggestPeople(opened: SuggestDeps, out: Output, asked: Suggesting): Promise<void> {
  const [accept, reject] = [facesFrom(asked.accept), facesFrom(asked.reject)];
  const both = accept.find((id) => reject.includes(id));
  if (both !== undefined) throw new UsageError(`Face f${both} cannot be accepted and rejected at once.`);
  if (accept.length + reject.length > 0) return await answer(opened, out, { accept, reject, json: asked.json });
  await list(opened, out, asked);
}

async function list({ people, assets, settings }: SuggestDeps, out: Output, asked: Suggesting): Promise<void> {
  const { who, limit, json } = asked;
  const library = await libraryCalled(assets, asked.library);
  const personId = who === undefined ? undefined : (await personCalled(people, who)).personId;
  const faces = await people.assignments.suggestions({
    model: settings.FACE_MODEL,
    limit,
    ...(personId !== undefined && { personId }),
    ...(library !== undefined && { library }),
  });
  if (json) return out.json({ suggestions: faces });
  if (faces.length === 0) return say(out, 'No face is like somebody and not sure to be theirs.');
  const nameOf = photoNames(await assets.libraries());
  for (const { faceId, suggestion, asset } of faces) {
    const where = asset === undefined ? 'on no photo that is there' : nameOf(asset);
    say(out, `f${faceId}  ${calledWithId(suggestion)}, ${percent(suggestion.cosine)} alike  ${where}`);
  }
  const first = faces[0]?.faceId ?? '';
  out.line();
  say(out, `Yes: darkroom people suggest --accept f${first} …   No: darkroom people suggest --reject f${first} …`);
}

const percent = (cosine: number): string => `${Math.round(cosine * 100)} %`;

interface Word {
  readonly accept: readonly string[];
  readonly reject: readonly string[];
  readonly json: boolean;
}

async function answer({ people }: SuggestDeps, out: Output, { accept, reject, json }: Word): Promise<void> {
  const { accepted, rejected } = await answerSuggestions(people, { accept, reject });
  if (json) return out.json({ accepted, rejected });
  for (const [who, faces] of byPerson(accepted)) say(out, `${counted(faces, 'face')} of ${who} now.`);
  for (const [who, faces] of byPerson(rejected))
    say(out, `${counted(faces, 'face')} will not be suggested for ${who} again.`);
  say(out, 'Photos that were described before: darkroom backfill <library> --redo people --dry-run');
}

const byPerson = (answered: readonly Answered[]): readonly (readonly [string, number])[] =>
  [...Map.groupBy(answered, calledWithId)].map(([who, faces]) => [who, faces.length] as const);
