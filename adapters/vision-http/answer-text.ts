/** Longer than any description that was asked for; what is beyond is a runaway answer. */
export const longestText = 8_000;

/**
 * What a person should read: no thinking leftovers, no “Here is a description:”, no quotes or marks around the whole, nothing
 * that a database refuses, at most 8,000 characters. Empty where nothing is left.
 */
export function cleanText(raw: string): string {
  let text = withoutThinking(storable(raw)).trim();
  // One wrapping may stand inside another: “**Description:** "A dog."”.
  for (let before = ''; text !== before;) {
    before = text;
    text = withoutLeadIn(unmarked(unquoted(text)));
  }
  return cut(text, longestText);
}

/** Trimmed, bounded, and without what a database refuses. */
export const plainText = (raw: string, longest: number): string => cut(storable(raw).trim(), longest);

/** Without NUL and halves of surrogate pairs, which Postgres refuses. */
const storable = (raw: string): string => raw.replaceAll('\u0000', '').toWellFormed();

/** A template may swallow the opening tag, and a cut answer never closes it: both halves are thinking. */
function withoutThinking(text: string): string {
  return text
    .replace(/<think>[\s\S]*?<\/think>/gi, '')
    .replace(/^[\s\S]*<\/think>/i, '')
    .replace(/<think>[\s\S]*$/i, '');
}

const quotePairs: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
  ['“', '”'],
  ['„', '“'],
  ['«', '»'],
];

/** Only where the quotes wrap the whole: `"Stop" and "Go"` keeps its own. */
function unquoted(text: string): string {
  for (const [open, close] of quotePairs) {
    if (text.length < 2 || !text.startsWith(open) || !text.endsWith(close)) continue;
    const inner = text.slice(1, -1);
    if (!inner.includes(open) && !inner.includes(close)) return inner.trim();
  }
  return text;
}

/** Markdown for bold or italics around the whole, and the marks of a heading in the first line. */
function unmarked(text: string): string {
  const whole = /^(\*{1,3}|_{2})(?=\S)([^*_]+)\1$/.exec(text)?.[2];
  return (whole ?? text).replace(/^#{1,6}[ \t]+(?=\S)/, '').trim();
}

const english = {
  opener: String.raw`(?:(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|got it)[!,.]?\s+)?`,
  begin: String.raw`(?:here(?:['’]s| is| are)|below is|the following is)\s`,
  /** Only words that a description of a photo would not have here: “Here is a sign with captions:” is one. */
  which: String.raw`(?:(?:an?|the|my|your|some|\d+|one|two|three|four|to|or|and|short|brief|detailed|concise|plain|simple|clear|possible|full|factual|accurate|[a-z]+-sentence|photo|image|picture)\s){0,8}`,
  noun: String.raw`(?:descriptions?|captions?|summary|sentences)`,
  rest: String.raw`(?:\s(?:of|for|describing|based on|in|about|that|you)\b[^:.!?\n]{0,80})?`,
  label: String.raw`(?:(?:photo|image|picture) )?(?:description|caption)(?: of (?:the|this) (?:photo|image|picture|photograph))?`,
};
const russian = {
  opener: String.raw`(?:(?:конечно|хорошо|разумеется)[!,.]?\s+)?`,
  begin: String.raw`вот\s`,
  which: String.raw`(?:(?:краткое|короткое|подробное|простое|точное|возможное|мо[её]|ваше|\d+|два|три|четыре|простых)\s){0,4}`,
  noun: String.raw`(?:описание|подпись|предложения|предложений)`,
  rest: String.raw`(?:\s[^:.!?\n]{0,60})?`,
  label: String.raw`(?:описание|подпись(?= к))(?: (?:к )?(?:этой |этому )?(?:фото|фотографии|изображения|изображению|снимка|снимку|картинки|картинке))?`,
};

/** A lead-in names itself as one, ends with a colon, and has the text after it. Marks of bold may stand around it. */
const leadIns = [english, russian].map(
  ({ opener, begin, which, noun, rest, label }) =>
    new RegExp(
      String.raw`^[*_]{0,3}(?:${opener}${begin}${which}${noun}${rest}|${label})[*_]{0,3}:[*_]{0,3}\s+(?=\S)`,
      'iu',
    ),
);

const withoutLeadIn = (text: string): string => leadIns.reduce((left, leadIn) => left.replace(leadIn, ''), text).trim();

/** Not through the middle of a surrogate pair. */
function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const last = text.charCodeAt(longest - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? longest - 1 : longest).trimEnd();
}
