import { formerPart, humanPart, ownParts, type WriteAction } from './field-text.ts';

/**
 * What may be written into a description field, as in immich-analyze:
 * - none            only where nobody has written anything
 * - all             everywhere, a person's text included
 * - missing-ai      wherever no block `[AI]…[/AI]` stands
 * - preserve-human  everywhere, and a person's text stays (there: a switch beside the policy `all`)
 *
 * Where we differ, less is lost. `missing-ai` puts our text below a person's, in immich-analyze only together with its switch.
 * Words beside a block stay under `all` too. And every policy knows a text of ours without marks, and leaves it alone unless
 * it is of another recipe.
 */
export const writePolicies = ['none', 'all', 'missing-ai', 'preserve-human'] as const;
export type WritePolicy = (typeof writePolicies)[number];

/**
 * - empty        nothing, or only white space
 * - ours         the whole field is as we wrote it, and no word in it is a person's
 * - mixed        a part of it is ours, the rest a person's
 * - block        a block `[AI]…[/AI]` that we know nothing of: immich-analyze's, or ours before our rows were lost
 * - human        anything else
 * - boilerplate  what cameras write by themselves
 */
export const fieldStates = ['empty', 'ours', 'mixed', 'block', 'human', 'boilerplate'] as const;
export type FieldState = (typeof fieldStates)[number];

/** What is known of a field. A text here is a text without white space at its ends. */
export interface KnownTexts {
  /** SHA-256 (64 hex digits) of whole fields as we wrote them or meant to; a person's words may be in them. */
  readonly ours: readonly string[];
  /**
   * SHA-256 of our part of each of them (`formerPart` of domain/field-text.ts), of the whole where all is ours. A field in `ours`
   * of which no part is known is taken for ours altogether.
   */
  readonly parts: readonly string[];
  /** The last such part itself, where it is known. */
  readonly part: string | undefined;
  /** What cameras write, `*` for anything; in any case of letters (DESCRIPTION_IGNORE). */
  readonly ignore: readonly string[];
  /** SHA-256 of a text as UTF-8, 64 hex digits: the domain has none. */
  readonly sha: (text: string) => string;
}

/** Is a text a part of ours? For `mergeField`, `humanPart` and `formerPart`, to which a hash of a whole field must not be given. */
export const ourParts =
  ({ part, parts, sha }: Pick<KnownTexts, 'part' | 'parts' | 'sha'>) =>
  (text: string): boolean =>
    text === part || parts.includes(sha(text));

/**
 * Our part of `written`, which was merged from `field`, for `KnownTexts.parts`. Also where `field` is `written` already, as after a
 * crash. Undefined where none can be told from a person's words: then no hash of a part is to be kept.
 */
export const partWritten = (field: string, written: string, known: KnownTexts): string | undefined =>
  formerPart(field, written, ourParts(known));

export function fieldState(field: string, known: KnownTexts): FieldState {
  const { ours, ignore, sha } = known;
  const text = field.trim();
  if (text === '') return 'empty';
  const isPart = ourParts(known);
  if (isPart(text)) return 'ours';
  const isAsWritten = ours.includes(sha(text));
  const machine = ownParts(text, isPart);
  if (machine.length === 0) return isAsWritten ? 'ours' : isBoilerplate(text, ignore) ? 'boilerplate' : 'human';
  if (humanPart(text, isPart) === '') return isAsWritten ? 'ours' : 'block';
  return isAsWritten || machine.some(isPart) ? 'mixed' : 'block';
}

/** Is the whole text one of these patterns? White space in a row counts as one space. */
function isBoilerplate(text: string, ignore: readonly string[]): boolean {
  const plain = text.toLowerCase().replace(/\s+/g, ' ');
  return ignore.some((pattern) => {
    const wanted = pattern.trim().toLowerCase().replace(/\s+/g, ' ');
    // A pattern of stars alone would make every text of a person one to write over.
    return /[^*\s]/.test(wanted) && matches(plain, wanted.split('*'));
  });
}

/** Piece by piece from the left, without a regular expression: a pattern of many stars must not take for ever. */
function matches(text: string, [first = '', ...pieces]: readonly string[]): boolean {
  const last = pieces.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** What a policy does to a field in each state, before the conditions of `decideWrite`. */
const actions = {
  none: {
    empty: 'write',
    boilerplate: 'write',
    ours: 'write',
    mixed: 'keep',
    block: 'keep',
    human: 'keep',
  },
  all: {
    empty: 'write',
    boilerplate: 'write',
    ours: 'write',
    mixed: 'replace-own',
    block: 'replace-own',
    human: 'write',
  },
  'missing-ai': {
    empty: 'write',
    boilerplate: 'write',
    ours: 'write',
    mixed: 'replace-own',
    block: 'keep',
    human: 'append',
  },
  'preserve-human': {
    empty: 'write',
    boilerplate: 'write',
    ours: 'write',
    mixed: 'replace-own',
    block: 'replace-own',
    human: 'append',
  },
} as const satisfies Record<WritePolicy, Record<FieldState, WriteAction>>;

export interface WriteQuestion {
  readonly policy: WritePolicy;
  readonly state: FieldState;
  /** What stands there of ours was made under the recipe that is wanted, and nobody asked for it to be made anew. */
  readonly recipeIsSame: boolean;
  /** May ours be put below a person's text? Without, only what is ours already is replaced. */
  readonly appendOwn: boolean;
  /** The field is not what it was when the run began. */
  readonly changedMeanwhile?: boolean;
}

export function decideWrite({ policy, state, recipeIsSame, appendOwn, changedMeanwhile }: WriteQuestion): WriteAction {
  const action = actions[policy][state];
  if (recipeIsSame && (state === 'ours' || state === 'mixed')) return 'keep';
  if (action === 'append' && !appendOwn) return 'keep';
  // `all` means the texts that a person knew of when they set it, not the one that is being typed while the model thinks.
  if (action === 'write' && state === 'human' && changedMeanwhile === true) return 'keep';
  return action;
}

/** Does a photo whose field is in this state need a text at all? `redo`: ours is of another recipe, or is to be made anew. */
export const wantsDescription = (
  policy: WritePolicy,
  state: FieldState,
  { redo, appendOwn = true }: { redo: boolean; appendOwn?: boolean },
): boolean => decideWrite({ policy, state, recipeIsSame: !redo, appendOwn }) !== 'keep';
