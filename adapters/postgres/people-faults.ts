import { errorCode } from '../../domain/errors.ts';
import { PeopleError } from '../../domain/person.ts';

const field = (error: unknown, name: 'detail' | 'constraint_name'): string => {
  if (!(error instanceof Error)) return '';
  const value: unknown = Object.entries(error).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : '';
};

/** Another person has the name: the caller knows which one, and finds out who that is. */
export const isNameTaken = (error: unknown): boolean =>
  errorCode(error) === '23505' && field(error, 'constraint_name') === 'person_name';

export const nameTaken = (name: string | undefined, otherPerson: string | undefined, cause: unknown): PeopleError =>
  new PeopleError(
    'name-taken',
    `Somebody is called ${name === undefined ? 'so' : `"${name}"`} already` +
      `${otherPerson === undefined ? '' : ` (person ${otherPerson})`}. Choose another name, or merge the two.`,
    { cause, ...(otherPerson !== undefined && { otherPerson }) },
  );

export const personMissing = (personId: string): PeopleError =>
  new PeopleError('person-missing', `There is no person ${personId}; they may have been deleted.`);

export const personMerged = (personId: string, heir: string): PeopleError =>
  new PeopleError('person-merged', `Person ${personId} was merged: they are person ${heir} now.`, {
    otherPerson: heir,
  });

export const mergeMissing = (mergeId: string): PeopleError =>
  new PeopleError(
    'merge-missing',
    `There is no merge ${mergeId}; it cannot be taken back where one of its persons was deleted since.`,
  );

/** What the functions of the migrations of faces and people raise, in words; anything else as it is. */
export async function orPeopleError<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const [subject = '', other = ''] = field(error, 'detail').split(' ');
    const code = errorCode(error);
    if (code === 'DR404') throw personMissing(subject);
    if (code === 'DR409') throw personMerged(subject, other);
    if (code === 'DR410') throw mergeMissing(subject);
    if (code === 'DR400') {
      throw new PeopleError('merge-into-itself', `Person ${subject} cannot be merged into themselves.`);
    }
    throw error;
  }
}
