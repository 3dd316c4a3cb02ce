import type { Person } from '../../domain/person.ts';
import type { MergePreview } from '../../domain/person-store.ts';
import type { Output } from '../output.ts';
import { openMerges } from '../people.ts';
import { calledWithId, counted, isNumber, mergeIdOf, mergeInWords, personCalled, say } from '../people-words.ts';
import { UsageError } from '../usage-error.ts';
import type { NameDeps } from './people-name.ts';
import { type Redescribing, tellWoken, wokenBy } from './people-woken.ts';

export interface MergePeople extends Redescribing {
  /** Who are the same as the last one of them. */
  readonly who: readonly string[];
  readonly dryRun: boolean;
  readonly yes: boolean;
  /** Undefined where nobody sits there. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
}

/** Makes one person of several, after a look at what that does. Returns the exit code: 1 where it was not done. Throws PeopleError. */
export async function mergePeople(opened: NameDeps, out: Output, asked: MergePeople): Promise<number> {
  const { people } = opened;
  const { who, dryRun, yes, ask, json } = asked;
  if (who.length < 2) throw new UsageError('Who is the same as whom? darkroom people merge <person…> <into whom>');
  const ids: string[] = [];
  for (const one of who) ids.push((await personCalled(people, one)).personId);
  const target = ids.pop() ?? '';
  const input = { sources: ids, target };
  const preview = await people.merges.preview(input);
  const { problems } = preview;
  if (json && (dryRun || problems.length > 0)) out.json({ dryRun: true, ...preview });
  else if (!json) tellPreview(out, preview);
  if (problems.length > 0) return 1;
  if (dryRun) return 0;
  if (!yes && !json && ask !== undefined && !(await ask('Merge them?'))) {
    out.line('Nothing was changed.');
    return 1;
  }
  const done = await people.merges.merge(input);
  const person = preview.target?.after ?? { personId: target };
  const woken = await wokenBy(opened, [person]);
  if (json) out.json({ target: person, merges: done, woken: woken.libraries });
  else {
    const moved = done.reduce((sum, { faces }) => sum + faces, 0);
    const back = done.map(({ mergeId }) => `m${mergeId}`).join(', ');
    say(out, `Done: ${counted(moved, 'face')} moved. To take it back: darkroom people unmerge ${back}`);
  }
  await tellWoken(out, woken, asked);
  return 0;
}

function tellPreview(out: Output, { target, sources, problems }: MergePreview): void {
  for (const { person, faces } of sources) say(out, `${calledWithId(person)}: ${counted(faces, 'face')}`, '  ');
  if (target !== undefined) {
    const faces = sources.reduce((sum, one) => sum + one.faces, target.faces);
    say(
      out,
      `into ${calledWithId(target.before)}: ${counted(target.faces, 'face')}, ${counted(faces, 'face')} then`,
      '  ',
    );
    for (const gain of gains(target.before, target.after)) say(out, gain, '    ');
  }
  for (const problem of problems) say(out, problem);
}

const fields = {
  name: 'is called',
  notes: 'gets the notes',
  entityId: 'gets the id',
  birthDate: 'gets the birth date',
} as const;

function gains(before: Person, after: Person): string[] {
  return (['name', 'notes', 'entityId', 'birthDate'] as const).flatMap((field) => {
    const value = after[field];
    return value === undefined || value === before[field] ? [] : [`${fields[field]} ${value}`];
  });
}

export interface UnmergePeople extends Redescribing {
  /** A merge as m5, or a person on either side of one. */
  readonly what: string;
}

/** Takes one merge back; where several are meant, lists them. Throws PeopleError. */
export async function unmergePeople(opened: NameDeps, out: Output, asked: UnmergePeople): Promise<void> {
  const { people } = opened;
  const { json } = asked;
  const done = await people.merges.unmerge(await mergeMeant(opened, asked.what));
  const [source, target] = await Promise.all(
    [done.sourceId, done.targetId].map((id) => people.persons.find(id).catch(() => undefined)),
  );
  const both = [source, target].filter((one) => one !== undefined);
  const woken = await wokenBy(opened, both);
  const [who, from] = [source ?? { personId: done.sourceId }, target ?? { personId: done.targetId }].map(calledWithId);
  if (json) out.json({ ...done, woken: woken.libraries });
  else if (!done.isNew) say(out, 'That was taken back before. Nothing was changed.');
  else say(out, `${who} is somebody else than ${from} again: ${counted(done.faces, 'face')} went back.`);
  if (done.isNew) await tellWoken(out, woken, asked);
}

async function mergeMeant({ people }: Pick<NameDeps, 'people'>, what: string): Promise<string> {
  const merge = mergeIdOf(what);
  if (merge !== undefined) return merge;
  // Somebody who was merged into another is known by the number alone.
  const personId = isNumber(what) ? what.trim() : (await personCalled(people, what)).personId;
  const [only, ...others] = await openMerges(people, personId);
  if (only === undefined) throw new UsageError(`No merge of ${what} is there that could be taken back.`);
  if (others.length === 0) return only.mergeId;
  const lines = [only, ...others].slice(0, mostShown).map((one) => `  ${mergeInWords(one)}`);
  throw new UsageError(`Which merge? darkroom people unmerge m<number>\n${lines.join('\n')}`);
}

const mostShown = 20;
