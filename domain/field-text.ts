import { cut, paragraphsOf, type Part, partsOf, type Span } from './field-parts.ts';

/**
 * The description field of a photo, in which a person's words and ours may stand together. Ours are in blocks `[AI]…[/AI]`, as
 * immich-analyze writes them (marks and text on lines of their own), or bare: paragraphs that are known to be ours. All else is
 * a person's, and no character of it is ever lost, white space at the ends of the field apart.
 */

/** - write        the whole field becomes our text
 *  - append       our text goes below what is there
 *  - replace-own  our text takes the place of ours and of blocks; what else is there stays
 *  - keep         nothing is written */
export type WriteAction = 'write' | 'append' | 'replace-own' | 'keep';
export type Wrapper = 'off' | 'ai';

/** Longest text of ours. Immich has no limit (reference, 3.1), and a model that runs wild has none either. */
export const longestOwn = 20_000;
const cutNote = ' … (shortened)';

/** Our text as it stands in a field. Marks in it are defused, so that a block ends where we ended it. Empty: nothing to write. */
export function ownText(text: string, wrapper: Wrapper): string {
  const clean = text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    // oxlint-disable-next-line no-control-regex -- Postgres refuses NUL, and exiftool and the web page have no use for the others
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .replace(/\[(\/?)AI\]/g, '($1AI)')
    .trim();
  const fitting = shortened(clean);
  return wrapper === 'off' || fitting === '' ? fitting : `[AI]\n${fitting}\n[/AI]`;
}

function shortened(text: string): string {
  if (text.length <= longestOwn) return text;
  const start = text.slice(0, longestOwn - cutNote.length);
  const space = Math.max(start.lastIndexOf(' '), start.lastIndexOf('\n'));
  // A language without spaces is cut between two characters, but not through one.
  return `${(space > 0 ? start.slice(0, space) : start.replace(/[\uD800-\uDBFF]$/, '')).trimEnd()}${cutNote}`;
}

export interface MergeInput {
  readonly field: string;
  /** The new description, without marks. */
  readonly text: string;
  readonly action: WriteAction;
  readonly wrapper: Wrapper;
  /** Our part of the field as it is now, where it is known (`formerPart`); with or without marks. */
  readonly previous?: string | undefined;
  /** Finds our part where only hashes are known. */
  readonly isOurs?: ((text: string) => boolean) | undefined;
}

/** The field as it is to be. Merging once more changes nothing. */
export function mergeField({ field, text, action, wrapper, previous, isOurs }: MergeInput): string {
  const own = ownText(text, wrapper);
  if (action === 'keep' || own === '') return field;
  if (action === 'write') return own;
  const known = partsOf(field, previous === undefined ? [] : asWritten(previous), isOurs);
  // Where nothing is known of an earlier write, this one may have happened before a crash.
  return placed(known.some(({ ours }) => ours) ? known : partsOf(field, asWritten(text)), own);
}

const asWritten = (text: string): readonly string[] => [ownText(text, 'off'), ownText(text, 'ai'), text.trim()];

/** Everything in the field that is ours or in a block, as it stands there. */
export const ownParts = (field: string, ours: Ours = []): readonly string[] =>
  partsOf(field, ...asked(ours))
    .filter((part) => part.ours)
    .map(({ raw }) => raw);

/** Our part without marks, the first where there are several; undefined where nothing in the field is ours. */
export const ownPart = (field: string, ours: Ours = []): string | undefined =>
  ownParts(field, ours)[0]
    ?.replace(/^\[AI\]/, '')
    .replace(/\[\/AI\]$/, '')
    .trim();

/** What a person wrote: all that is neither ours nor in a block. */
export const humanPart = (field: string, ours: Ours = []): string =>
  partsOf(field, ...asked(ours))
    .filter((part) => !part.ours)
    .map(({ raw }) => raw.trim())
    .filter((raw) => raw !== '')
    .join('\n\n');

/**
 * Is this text, which has no white space at its ends, all ours? Or the texts themselves. Never a field that we wrote around a
 * person's words: that would make them ours.
 */
export type Ours = readonly string[] | ((text: string) => boolean);

const asked = (ours: Ours): [readonly string[], ((text: string) => boolean)?] =>
  typeof ours === 'function' ? [[], ours] : [ours];

/**
 * Which part of a field that we wrote is ours, from what stood there before: a person's paragraphs that the write left as they
 * were are not. `ours` tells what of it was ours then, so that a paragraph which an older text of ours had too is not taken for
 * a person's. Undefined where nothing is ours.
 */
export function formerPart(before: string | undefined, written: string, ours: Ours = []): string | undefined {
  const stayed = new Set(
    partsOf(before ?? '', ...asked(ours))
      .filter((part) => !part.ours)
      .flatMap(({ raw }) => paragraphsOf(raw).map((span) => cut(raw, span))),
  );
  let longest: Span | undefined;
  let run: Span | undefined;
  for (const paragraph of paragraphsOf(written)) {
    run = stayed.has(cut(written, paragraph))
      ? undefined
      : { start: run?.start ?? paragraph.start, end: paragraph.end };
    if (run !== undefined && run.end - run.start > (longest === undefined ? 0 : longest.end - longest.start))
      longest = run;
  }
  return longest === undefined ? undefined : cut(written, longest);
}

/** Our text where the first part of ours is, without the others; at the end where there is none. */
function placed(parts: readonly Part[], own: string): string {
  const first = parts.findIndex(({ ours }) => ours);
  const texts = parts.map(({ raw, ours }, index) => (ours ? (index === first ? own : '') : raw));
  return [...texts, ...(first < 0 ? [own] : [])]
    .filter((text) => text.trim() !== '')
    .reduce(apart, '')
    .trim();
}

/** Both, with a blank line between them. */
function apart(above: string, below: string): string {
  if (above === '') return below;
  const gap = above.slice(above.trimEnd().length) + below.slice(0, below.length - below.trimStart().length);
  return `${above}${'\n'.repeat(Math.max(0, 2 - gap.split('\n').length + 1))}${below}`;
}
