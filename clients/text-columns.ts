import { stripVTControlCharacters } from 'node:util';

/** Characters that take two places in a terminal: those of East Asia, and pictures. */
const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;
const none = /^\p{M}$|^\u200D$|^\uFE0F$/u;

const places = (character: string): number => (none.test(character) ? 0 : wide.test(character) ? 2 : 1);

/** Places that a line takes in a terminal. */
export const textWidth = (text: string): number => Array.from(text, places).reduce((sum, one) => sum + one, 0);

/** Text of a model or a file may hold what moves the cursor or rings the bell. */
export const printable = (text: string): string =>
  stripVTControlCharacters(text).replace(/[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069]/gu, ' ');

/** Paragraphs broken at spaces, and inside a word only where it is longer than a line, so that no line is wider than `width`. */
export function cellLines(text: string, width: number): string[] {
  return printable(text)
    .split('\n')
    .flatMap((paragraph) => brokenLines(paragraph, width));
}

function brokenLines(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/).flatMap((one) => chunks(one, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(longer) <= width) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line];
}

/** A word in pieces that fit. Languages without spaces are one long word. */
function chunks(word: string, width: number): string[] {
  if (textWidth(word) <= width) return [word];
  const pieces = [''];
  for (const character of word) {
    const last = pieces.at(-1) ?? '';
    if (textWidth(last + character) <= width) pieces[pieces.length - 1] = last + character;
    else pieces.push(character);
  }
  return pieces;
}

/** Cells beside each other: each a list of lines that fit into `width`, with two spaces between them. */
export function besideEachOther(cells: readonly (readonly string[])[], width: number): string[] {
  const height = Math.max(0, ...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    cells
      .map((lines) => lines[row] ?? '')
      .map((line) => line + ' '.repeat(Math.max(0, width - textWidth(line))))
      .join('  ')
      .trimEnd(),
  );
}
