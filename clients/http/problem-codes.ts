import type { PeopleCode } from '../../domain/person.ts';

interface CodeNotes {
  readonly status: number;
  /** For the page of the API. */
  readonly meaning: string;
}

const peopleCodes = {
  'person-missing': { status: 404, meaning: 'No such person; they may have been deleted.' },
  'person-merged': { status: 409, meaning: 'The person was merged into the one that `otherPerson` names.' },
  'merge-into-itself': { status: 422, meaning: 'A person cannot be merged into themselves.' },
  'merge-missing': { status: 404, meaning: 'No such merge; one of its persons may have been deleted since.' },
  'name-taken': { status: 409, meaning: 'Another person has the name: `otherPerson`.' },
  'name-invalid': { status: 422, meaning: 'A name is one line of 1 to 200 characters.' },
  'value-invalid': { status: 422, meaning: 'A value cannot be kept as it is; `detail` says why.' },
  'face-missing': { status: 404, meaning: 'No such face, or not one of that person.' },
  'face-invalid': { status: 422, meaning: 'A box outside the picture, or a vector that is none.' },
} as const satisfies Record<PeopleCode, CodeNotes>;

/** Every code that a route can answer with in `code` of a problem, beside the codes of faults (domain/errors.ts). */
export const problemCodes = {
  ...peopleCodes,
  'library-missing': { status: 404, meaning: 'No such library.' },
  'photo-missing': { status: 404, meaning: 'No such photo.' },
  'photo-gone': { status: 410, meaning: 'The photo was there once, and is not any more.' },
  'photo-changed': { status: 409, meaning: 'The file is another one than Darkroom has read; it is read again soon.' },
  'face-service-missing': { status: 409, meaning: 'No face service is set up: FACE_API_URL.' },
  'merge-several': { status: 409, meaning: 'Several merges could be meant; `merges` names them.' },
  'picture-unreadable': { status: 422, meaning: 'No picture can be made from what the library has.' },
  'not-possible': { status: 422, meaning: 'What was asked for cannot be done so; `detail` says why, and how it can.' },
  'photo-locked': { status: 403, meaning: 'Its owner keeps it in the locked folder of Immich.' },
  'picture-changing': { status: 503, meaning: 'It is being written, or Immich has no preview of it yet.' },
  'paused-otherwise': { status: 409, meaning: "Somebody paused it with Temporal's own tools; `force` goes over it." },
  'cursor-invalid': { status: 400, meaning: 'The cursor is not one that this list gave out.' },
  'not-understood': {
    status: 400,
    meaning: 'Something in the request is not as it should be; `errors` names the places.',
  },
  'not-ready': { status: 503, meaning: 'Something that work cannot go on without is away; `reasons` says what.' },
  'too-many-listeners': { status: 503, meaning: 'As many listen already as may at once; try again later.' },
} as const satisfies Record<string, CodeNotes>;

export type ProblemCode = keyof typeof problemCodes;
