import type { Description } from '../../domain/description.ts';
import type { DescriptionStore } from '../../domain/ports.ts';
import { canonicalJson, type DescriptionKey, type Recipe } from '../../domain/recipe.ts';

interface Tables {
  readonly recipes: Map<string, Recipe>;
  readonly descriptions: Map<string, Description>;
  readonly claims: Map<string, string>;
}

const keyOf = ({ contentHash, recipeHash, factsHash }: DescriptionKey): string =>
  canonicalJson([contentHash, recipeHash, factsHash]);
export const clean = (text: string): string => text.toWellFormed().replaceAll('\0', '');

export function keepFirst(descriptions: Map<string, Description>, key: DescriptionKey, description: Description): void {
  const name = keyOf(key);
  const { text, tags, textInImage } = description;
  if (descriptions.has(name)) return;
  descriptions.set(name, {
    ...description,
    text: clean(text),
    ...(tags === undefined ? {} : { tags: tags.map(clean) }),
    ...(textInImage === undefined ? {} : { textInImage: clean(textInImage) }),
  });
}

/** Answers, recipes and claims in memory. */
export function descriptionStore({ recipes, descriptions, claims }: Tables): DescriptionStore {
  return {
    async ensureRecipe(recipeHash, recipe) {
      if (!recipes.has(recipeHash)) recipes.set(recipeHash, structuredClone(recipe));
    },
    async recipe(recipeHash) {
      return recipes.get(recipeHash);
    },
    async find(key) {
      return descriptions.get(keyOf(key));
    },
    async claim(key, owner) {
      const description = descriptions.get(keyOf(key));
      if (description !== undefined) return { kind: 'known', description };
      const holder = claims.get(keyOf(key)) ?? owner;
      claims.set(keyOf(key), holder);
      return holder === owner ? { kind: 'mine' } : { kind: 'held', owner: holder };
    },
    async takeOver(key, from, to) {
      if (claims.get(keyOf(key)) === from) claims.set(keyOf(key), to);
    },
    async save(key, description) {
      keepFirst(descriptions, key, description);
    },
  };
}
