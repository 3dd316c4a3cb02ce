/** Longest text that is looked at: what follows is never shown, and a file may hold megabytes of it. */
const looked = 8_000;

/** Control and formatting characters (line breaks, text direction) must not reach a log line, a table or a prompt. */
export const oneLine = (text: string): string =>
  text
    .slice(0, looked)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD\s]+/gu, ' ')
    .trim();

/** At most `most` characters, by code points, so that no pair is cut in two. */
export const firstCharacters = (text: string, most: number): string =>
  text.length <= most ? text : Array.from(text).slice(0, most).join('').trim();
