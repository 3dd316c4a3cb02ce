import { fileName } from './asset.ts';
import { languageName } from './language.ts';
import { firstCharacters, oneLine } from './one-line.ts';
import type { PromptFacts, Recipe } from './recipe.ts';
import { fillTemplate, hasStrayBrackets, namesIn } from './template.ts';

/** Characters of one value, so that no file can push the question out of the model's context. */
const longestValue = 500;

/** What a placeholder stands for, and the fact behind it. */
const placeholders = {
  date: { fact: 'takenAt', text: ({ takenAt }) => takenAt?.replace('T', ' ') },
  place: { fact: 'place', text: ({ place }) => place },
  camera: { fact: 'camera', text: ({ camera }) => camera },
  people: { fact: 'people', text: ({ people }) => listed(people) },
  tags: { fact: 'keywords', text: ({ keywords }) => listed(keywords) },
  file_name: { fact: 'fileName', text: (facts) => facts.fileName },
  folder: { fact: 'folder', text: ({ folder }) => folder },
  existing_text: { fact: 'existingText', text: ({ existingText }) => existingText },
} as const satisfies Record<string, { fact: keyof PromptFacts; text: (facts: PromptFacts) => string | undefined }>;

const entries = Object.entries(placeholders);
const known = new Set([...entries.map(([name]) => name), 'language']);

/** Facts that a prompt without placeholders tells. */
const plainFacts = new Set<keyof PromptFacts>(['takenAt', 'camera', 'place']);

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

/** The facts that this recipe's prompt uses: only these count when two photos are compared. */
export function usedFacts({ prompt }: Pick<Recipe, 'prompt'>, facts: PromptFacts): PromptFacts {
  const names = new Set(namesIn(prompt));
  const used = isTemplate(prompt)
    ? new Set(entries.filter(([name]) => names.has(name)).map(([, { fact }]) => fact))
    : plainFacts;
  return {
    ...(used.has('takenAt') && facts.takenAt !== undefined && { takenAt: facts.takenAt }),
    ...(used.has('camera') && facts.camera !== undefined && { camera: facts.camera }),
    ...(used.has('place') && facts.place !== undefined && { place: facts.place }),
    ...(used.has('people') && facts.people !== undefined && { people: facts.people }),
    ...(used.has('keywords') && facts.keywords !== undefined && { keywords: facts.keywords }),
    ...(used.has('existingText') && facts.existingText !== undefined && { existingText: facts.existingText }),
    ...(used.has('fileName') && facts.fileName !== undefined && { fileName: facts.fileName }),
    ...(used.has('folder') && facts.folder !== undefined && { folder: facts.folder }),
  };
}

/** All that this recipe's prompt uses of what is known of a photo, its name and folder included. `path` as in `AssetRef`. */
export function factsFor(recipe: Pick<Recipe, 'prompt'>, facts: PromptFacts, path: string): PromptFacts {
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
    : `${recipe.prompt}${context(facts)}`;
  const asksLanguage = namesIn(recipe.prompt).includes('language');
  return [question, ...fields(recipe), ...(asksLanguage ? [] : [`Answer in ${language}.`])].join('\n\n');
}

function context({ takenAt, camera, place }: PromptFacts): string {
  const lines = [
    takenAt === undefined ? [] : [`Taken: ${takenAt.replace('T', ' ')}`],
    camera === undefined ? [] : [`Camera: ${camera}`],
    place === undefined ? [] : [`Coordinates: ${place}`],
  ].flat();
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
