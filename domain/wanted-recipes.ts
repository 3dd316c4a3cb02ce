import type { PromptFacts, Recipe } from './recipe.ts';

/** The description that this process's settings ask for; made once, at its start. */
export interface WantedRecipe {
  readonly hash: string;
  readonly recipe: Recipe;
  readonly factsHash: (facts: PromptFacts) => string;
}

/** Hashes of the recipes that are wanted now. */
export interface WantedHashes {
  /** Of folders, and of every library that is not named below. */
  readonly usual: string;
  /** By the name of a library whose owner wants another one. */
  readonly libraries: Readonly<Record<string, string>>;
}

/** What the settings ask for in each library: people who share an Immich may each read their own language. */
export interface WantedRecipes {
  readonly usual: WantedRecipe;
  /** Throws as `OpenImmichs.of` while it is not known whose language is whose, and TransientError DatabaseUnavailable. */
  of(library: string): Promise<WantedRecipe>;
  /** Of the libraries that are known by now. Throws TransientError DatabaseUnavailable. */
  hashes(): Promise<WantedHashes>;
}

/** Of which only the hash is asked. */
export interface WantedHashOf {
  of(library: string): Promise<Pick<WantedRecipe, 'hash'>>;
}

export const wantedHashIn = ({ usual, libraries }: WantedHashes, library: string): string =>
  Object.hasOwn(libraries, library) ? (libraries[library] ?? usual) : usual;

/** One recipe for everything. */
export const onlyWanted = (wanted: WantedRecipe): WantedRecipes => ({
  usual: wanted,
  of: async () => wanted,
  hashes: async () => ({ usual: wanted.hash, libraries: {} }),
});
