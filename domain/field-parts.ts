/** How a description field is taken apart into what is ours and what is a person's (domain/field-text.ts). */

export interface Span {
  readonly start: number;
  readonly end: number;
}
export interface Part {
  /** As it stands in the field; all together are the field. */
  readonly raw: string;
  readonly ours: boolean;
}

export function partsOf(field: string, texts: readonly string[], is?: (text: string) => boolean): readonly Part[] {
  const blocks = blocksOf(field);
  // Where ours is in a block, the same words outside of it are a person's.
  const bare = blocks.some((span) => texts.includes(cut(field, span))) ? [] : texts;
  const parts: Part[] = [];
  let at = 0;
  for (const { start, end } of [...blocks, { start: field.length, end: field.length }]) {
    parts.push(...withKnown(field.slice(at, start), bare, is), { raw: field.slice(start, end), ours: true });
    at = end;
  }
  return parts.filter(({ raw }) => raw !== '');
}

/**
 * The innermost blocks, so that what follows a forgotten `[AI]` stays a person's. None at all where marks would pair up once the
 * blocks are taken out (nested ones): nobody can tell what they enclose.
 */
function blocksOf(field: string): readonly Span[] {
  const pattern = /\[AI\](?:(?!\[AI\])[^])*?\[\/AI\]/g;
  const spans = [...field.matchAll(pattern)].map((found) => ({
    start: found.index,
    end: found.index + found[0].length,
  }));
  const outside = field.replace(pattern, '\n');
  const open = outside.indexOf('[AI]');
  return open >= 0 && outside.includes('[/AI]', open) ? [] : spans;
}

function withKnown(raw: string, texts: readonly string[], is?: (text: string) => boolean): readonly Part[] {
  const found = spanOf(raw, texts, is);
  if (found === undefined) return [{ raw, ours: false }];
  return [
    { raw: raw.slice(0, found.start), ours: false },
    { raw: cut(raw, found), ours: true },
    { raw: raw.slice(found.end), ours: false },
  ];
}

/** Of more paragraphs, and of longer runs of them, hashes are not taken: a field may be anything. */
const mostParagraphs = 40;

/** Where our part is: the last place of a known text, else the longest run of paragraphs whose hash is known. */
function spanOf(raw: string, texts: readonly string[], is?: (text: string) => boolean): Span | undefined {
  for (const text of texts) {
    const found = placeOf(raw, text);
    if (found !== undefined) return found;
  }
  return is && runsOf(paragraphsOf(raw)).find((span) => is(cut(raw, span)));
}

/** The last place where a text stands between blank lines or the ends. */
function placeOf(raw: string, text: string): Span | undefined {
  for (let start = text === '' ? -1 : raw.lastIndexOf(text); start >= 0; start = raw.lastIndexOf(text, start - 1)) {
    const [above, below] = [raw.slice(0, start), raw.slice(start + text.length)];
    const isApart = (side: string, gap: string) => side.trim() === '' || gap.split('\n').length > 2;
    if (
      isApart(above, above.slice(above.trimEnd().length)) &&
      isApart(below, below.slice(0, below.length - below.trimStart().length))
    )
      return { start, end: start + text.length };
    if (start === 0) break;
  }
  return undefined;
}

/** The longest first; of equal ones the last. */
function runsOf(paragraphs: readonly Span[]): readonly Span[] {
  const count = paragraphs.length;
  const runs: Span[] = [];
  for (let length = count; length > 0; length -= 1) {
    if (length > mostParagraphs && length < count) continue;
    for (let first = count - length; first >= 0; first -= 1) {
      if (count > mostParagraphs && first !== 0 && first !== count - length) continue;
      const [from, to] = [paragraphs[first], paragraphs[first + length - 1]];
      if (from && to) runs.push({ start: from.start, end: to.end });
    }
  }
  return runs;
}

/** What blank lines keep apart, without white space at its ends. */
export function paragraphsOf(text: string): readonly Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const piece of text.split(/(\n[^\S\n]*\n)/)) {
    const start = at + piece.length - piece.trimStart().length;
    if (piece.trim() !== '') spans.push({ start, end: start + piece.trim().length });
    at += piece.length;
  }
  return spans;
}

export const cut = (text: string, { start, end }: Span): string => text.slice(start, end);
