import { canonicalJson } from '../domain/recipe.ts';
import { onlyWanted, type WantedRecipe, type WantedRecipes } from '../domain/wanted-recipes.ts';
import { recipeOf, type Settings } from '../runtime/config.ts';
import { sha256 } from '../runtime/sha256.ts';
import type { Immichs } from './immichs.ts';

/** What the settings ask for: one recipe, or one for each language in which somebody wants to read. */
export function createWantedRecipes(settings: Settings, immichs: Pick<Immichs, 'of' | 'languages'>): WantedRecipes {
  const usual = recipeIn(settings, settings.VISION_LANGUAGE);
  const others = new Map(
    settings.IMMICH_LANGUAGE.filter((language) => language !== settings.VISION_LANGUAGE).map((language) => [
      language,
      recipeIn(settings, language),
    ]),
  );
  if (others.size === 0) return onlyWanted(usual);
  return {
    usual,
    async of(library) {
      const { language = settings.VISION_LANGUAGE } = (await immichs.of(library)) ?? {};
      return others.get(language) ?? usual;
    },
    async hashes() {
      const libraries: Record<string, string> = {};
      for (const [library, language] of await immichs.languages()) {
        const other = others.get(language);
        if (other !== undefined) libraries[library] = other.hash;
      }
      return { usual: usual.hash, libraries };
    },
  };
}

function recipeIn(settings: Settings, language: string): WantedRecipe {
  const recipe = recipeOf(settings, language);
  return {
    recipe,
    hash: sha256(canonicalJson({ ...recipe })),
    factsHash: (facts) => sha256(canonicalJson({ ...facts })),
  };
}
