import { fileName } from './asset.ts';
import { languageName } from './language.ts';
import { firstCharacters, oneLine } from './one-line.ts';
import type { PromptFacts, Recipe } from './recipe.ts';
import { fillTemplate, hasStrayBrackets, namesIn } from './template.ts';

/** Characters of one value, so that no file can push the question out of the model's context. */
const longestValue = 500;

interface Fact {
  readonly fact: keyof PromptFacts;
  readonly text: (facts: PromptFacts) => string | undefined;
  /** How a prompt without placeholders calls it. */
  readonly label: string | ((text: string) => string);
}

/** What a placeholder stands for, the fact behind it, and its line behind a prompt without placeholders. */
const placeholders = {
  date: { fact: 'takenAt', text: ({ takenAt }) => takenAt?.replace('T', ' '), label: 'Taken' },
  place: {
    fact: 'place',
    text: ({ place }) => place,
    label: (place) => (/^-?\d+\.\d+, -?\d+\.\d+$/.test(place) ? 'Coordinates' : 'Place'),
  },
  camera: { fact: 'camera', text: ({ camera }) => camera, label: 'Camera' },
  people: { fact: 'people', text: ({ people }) => listed(people), label: 'People in it (call them by their names)' },
  lens: { fact: 'lens', text: ({ lens }) => lens, label: 'Lens' },
  exposure: { fact: 'exposure', text: ({ exposure }) => exposure, label: 'Exposure' },
  albums: { fact: 'albums', text: ({ albums }) => listed(albums), label: 'Albums' },
  tags: { fact: 'keywords', text: ({ keywords }) => listed(keywords), label: 'Keywords' },
  rating: {
    fact: 'rating',
    text: ({ rating }) => (rating === undefined ? undefined : `${rating} of 5`),
    label: 'Rating',
  },
  file_name: { fact: 'fileName', text: (facts) => facts.fileName, label: 'File name' },
  folder: { fact: 'folder', text: ({ folder }) => folder, label: 'Folder' },
  existing_text: {
    fact: 'existingText',
    text: ({ existingText }) => existingText,
    label: 'What somebody wrote about it',
  },
} as const satisfies Record<string, Fact>;

const entries: readonly [string, Fact][] = Object.entries(placeholders);
const known = new Set([...entries.map(([name]) => name), 'language']);

/** Names of facts, for `Recipe.facts` and for placeholders. */
export const factNames: readonly string[] = entries.map(([name]) => name);
/** What a prompt without placeholders tells where the recipe does not say. */
export const plainFacts: readonly string[] = ['date', 'camera', 'place', 'people'];
/** Of lines behind such a prompt: those that were always told come first, in the order of always. */
const inOrder = entries.toSorted(([a], [b]) => rank(a) - rank(b));
function rank(name: string): number {
  const at = plainFacts.indexOf(name);
  return at < 0 ? plainFacts.length : at;
}

/** What is wrong with `Recipe.facts`, in words. */
export const checkFacts = (names: readonly string[]): string[] =>
  names
    .filter((name) => !factNames.includes(name))
    .map((name) => `there is no fact ${name}; there are ${factNames.join(', ')}`);

const isTemplate = (prompt: string): boolean => namesIn(prompt).some((name) => known.has(name));

/** What is wrong with a prompt, in words; empty where it can be used. */
export function checkPrompt(prompt: string): string[] {
  const list = [...known].map((name) => `{{${name}}}`).join(', ');
  const strange = namesIn(prompt).filter((name) => !known.has(name));
  const stray = isTemplate(prompt) && hasStrayBrackets(prompt, known);
  return [
    ...strange.map((name) => `there is no placeholder {{${name}}}; there are ${list}`),
    ...(stray ? ['[[ and ]] stand in pairs around text with a placeholder, and not within each other'] : []),
  ];
}

type Asking = Pick<Recipe, 'prompt' | 'facts'>;

const toldBy = ({ prompt, facts = plainFacts }: Asking): readonly string[] =>
  isTemplate(prompt) ? namesIn(prompt) : facts;

/** Does this recipe's prompt tell it? `name` is one of `factNames`. For what costs a request to find out. */
export const tells = (recipe: Asking, name: string): boolean => toldBy(recipe).includes(name);

/** The facts that this recipe's prompt uses: only these count when two photos are compared. */
export function usedFacts(recipe: Asking, facts: PromptFacts): PromptFacts {
  const used = new Set(entries.filter(([name]) => tells(recipe, name)).map(([, { fact }]) => fact));
  return {
    ...(used.has('takenAt') && facts.takenAt !== undefined && { takenAt: facts.takenAt }),
    ...(used.has('camera') && facts.camera !== undefined && { camera: facts.camera }),
    ...(used.has('place') && facts.place !== undefined && { place: facts.place }),
    ...(used.has('people') && facts.people !== undefined && { people: facts.people }),
    ...(used.has('lens') && facts.lens !== undefined && { lens: facts.lens }),
    ...(used.has('exposure') && facts.exposure !== undefined && { exposure: facts.exposure }),
    ...(used.has('albums') && facts.albums !== undefined && { albums: facts.albums }),
    ...(used.has('keywords') && facts.keywords !== undefined && { keywords: facts.keywords }),
    ...(used.has('rating') && facts.rating !== undefined && { rating: facts.rating }),
    ...(used.has('existingText') && facts.existingText !== undefined && { existingText: facts.existingText }),
    ...(used.has('fileName') && facts.fileName !== undefined && { fileName: facts.fileName }),
    ...(used.has('folder') && facts.folder !== undefined && { folder: facts.folder }),
  };
}

/**
 * All that this recipe's prompt uses of what is known of a photo, its name and folder included. `path` as in `AssetRef`; where
 * the facts name the file themselves (Immich), the path says nothing more.
 */
export function factsFor(recipe: Asking, facts: PromptFacts, path: string): PromptFacts {
  if (facts.fileName !== undefined) return usedFacts(recipe, facts);
  const name = fileName(path);
  const folder = path.slice(0, -name.length - 1);
  return usedFacts(recipe, { ...facts, fileName: name, ...(folder !== '' && { folder }) });
}

/**
 * The text that is sent with the picture. A prompt without placeholders is followed by what is known of the photo; a
 * template says itself what it tells. The language is asked for at the end unless the template names it.
 */
export function renderPrompt(recipe: Recipe, facts: PromptFacts): string {
  const language = languageName(recipe.language);
  const question = isTemplate(recipe.prompt)
    ? fillTemplate(recipe.prompt, valuesOf(facts, language))
    : `${recipe.prompt}${context(usedFacts(recipe, facts))}`;
  const asksLanguage = namesIn(recipe.prompt).includes('language');
  return [question, ...fields(recipe), ...(asksLanguage ? [] : [`Answer in ${language}.`])].join('\n\n');
}

function context(facts: PromptFacts): string {
  const lines = inOrder.flatMap(([, { text, label }]) => {
    const value = bounded(text(facts));
    return value === undefined ? [] : [`${typeof label === 'string' ? label : label(value)}: ${value}`];
  });
  if (lines.length === 0) return '';
  return `\n\nKnown about the photo (do not repeat it word for word):\n${lines.join('\n')}`;
}

function valuesOf(facts: PromptFacts, language: string): ReadonlyMap<string, string | undefined> {
  const values = entries.map(([name, { text }]): [string, string | undefined] => [name, bounded(text(facts))]);
  return new Map([...values, ['language', bounded(language)]]);
}

const bounded = (text: string | undefined): string | undefined => {
  const line = firstCharacters(oneLine(text ?? ''), longestValue);
  return line === '' ? undefined : line;
};

/** Whole words only: as many as there is room for. */
function listed(words: readonly string[] | undefined): string | undefined {
  let line = '';
  for (const word of words?.map(oneLine).filter((one) => one !== '') ?? []) {
    const longer = line === '' ? word : `${line}, ${word}`;
    if (longer.length > longestValue && line !== '') break;
    line = longer;
  }
  return line;
}

/** What each field of a structured answer is for: the schema, which the host holds the model to, tells only their types. */
const fieldWords = {
  en:
    'Answer as JSON. description: the description itself. tags: up to 15 short keywords. text_in_image: all text that ' +
    'can be read in the photo, word for word, else empty. safety: safe, sensitive (little clothing, wounds, weapons) or ' +
    'explicit (nudity, sex, gore).',
  ru:
    'Ответьте в формате JSON. description: само описание. tags: до 15 коротких ключевых слов. text_in_image: весь текст, ' +
    'который можно прочесть на фотографии, слово в слово, иначе пусто. safety: safe, sensitive (мало одежды, раны, ' +
    'оружие) или explicit (нагота, секс, жестокость).',
} as const;

const fields = ({ output, language }: Recipe): readonly string[] =>
  output === undefined ? [] : [fieldWords[language === 'ru' ? 'ru' : 'en']];
