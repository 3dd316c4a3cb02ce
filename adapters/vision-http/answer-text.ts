/** Longer than any description that was asked for; what is beyond is a runaway answer. */
export const longestText = 8_000;

const quotePairs: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
  ['“', '”'],
  ['„', '“'],
  ['«', '»'],
];

/**
 * What a person should read: no thinking leftovers, no quotes around the whole, nothing that a database refuses (NUL,
 * half a surrogate pair), at most 8,000 characters. Empty where nothing is left.
 */
export function cleanText(raw: string): string {
  const text = unquote(withoutThinking(raw.replaceAll('\u0000', '').toWellFormed()).trim());
  return text.length <= longestText ? text : cut(text);
}

/** A template may swallow the opening tag, and a cut answer never closes it: both halves are thinking. */
function withoutThinking(text: string): string {
  return text
    .replace(/<think>[\s\S]*?<\/think>/gi, '')
    .replace(/^[\s\S]*<\/think>/i, '')
    .replace(/<think>[\s\S]*$/i, '');
}

/** Only where the quotes wrap the whole: `"Stop" and "Go"` keeps its own. */
function unquote(text: string): string {
  for (const [open, close] of quotePairs) {
    if (text.length < 2 || !text.startsWith(open) || !text.endsWith(close)) continue;
    const inner = text.slice(1, -1);
    if (!inner.includes(open) && !inner.includes(close)) return inner.trim();
  }
  return text;
}

/** Not through the middle of a surrogate pair. */
function cut(text: string): string {
  const last = text.charCodeAt(longestText - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? longestText - 1 : longestText).trimEnd();
}
