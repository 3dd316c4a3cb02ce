/** English names of the languages that people set most, by code (BCP 47, small letters). Models follow a name better. */
const names: Readonly<Record<string, string>> = {
  ar: 'Arabic',
  be: 'Belarusian',
  bg: 'Bulgarian',
  ca: 'Catalan',
  cs: 'Czech',
  da: 'Danish',
  de: 'German',
  el: 'Greek',
  en: 'English',
  'en-gb': 'British English',
  'en-us': 'American English',
  es: 'Spanish',
  et: 'Estonian',
  fa: 'Persian',
  fi: 'Finnish',
  fr: 'French',
  he: 'Hebrew',
  hi: 'Hindi',
  hr: 'Croatian',
  hu: 'Hungarian',
  id: 'Indonesian',
  it: 'Italian',
  ja: 'Japanese',
  ko: 'Korean',
  lt: 'Lithuanian',
  lv: 'Latvian',
  nb: 'Norwegian',
  nl: 'Dutch',
  no: 'Norwegian',
  pl: 'Polish',
  pt: 'Portuguese',
  'pt-br': 'Brazilian Portuguese',
  ro: 'Romanian',
  ru: 'Russian',
  sk: 'Slovak',
  sl: 'Slovenian',
  sr: 'Serbian',
  sv: 'Swedish',
  th: 'Thai',
  tr: 'Turkish',
  uk: 'Ukrainian',
  vi: 'Vietnamese',
  zh: 'Chinese',
  'zh-cn': 'Simplified Chinese',
  'zh-hans': 'Simplified Chinese',
  'zh-hant': 'Traditional Chinese',
  'zh-tw': 'Traditional Chinese',
};

/** What a prompt calls a language: the name of a code (`de`, `de-AT`, `pt_BR`), anything else as it was written. */
export function languageName(written: string): string {
  const code = written.toLowerCase().replaceAll('_', '-');
  const base = /^[a-z]{2}-[a-z0-9-]+$/.test(code) ? code.slice(0, 2) : code;
  return named(code) ?? named(base) ?? written;
}

const named = (code: string): string | undefined => (Object.hasOwn(names, code) ? names[code] : undefined);
