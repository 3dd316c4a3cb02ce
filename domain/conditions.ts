import type { Try } from './description.ts';
import type { Recipe } from './recipe.ts';

/** What one call differs in from the one before it. Only what makes no host load its model again (ollama.md, section 2). */
export interface CallConditions {
  readonly seed: number;
  readonly temperature: number;
  /** Tokens of the answer at most; never 0, which means without end to Ollama. */
  readonly numPredict: number;
  /** 1 or absent: none. */
  readonly repeatPenalty?: number;
}

/** Low, for plain statements; not 0, so that another seed gives another answer. */
const usualTemperature = 0.2;
/** After a loop: enough noise to leave the track, and a penalty a little above Ollama's former default of 1.1. */
const afterLoop = { temperature: 0.5, repeatPenalty: 1.2 };

/**
 * Conditions of the next call, from the content faults so far. An empty answer gets twice the room (a model that thinks may
 * have used it up), a loop gets a repeat penalty; every retry has another seed.
 */
export function conditionsFor(recipe: Pick<Recipe, 'numCtx' | 'numPredict'>, tries: readonly Try[]): CallConditions {
  const met = (code: string) => tries.some((one) => one.code === code);
  // Half of the context stays for the picture and the question.
  const most = Math.max(recipe.numPredict, Math.floor(recipe.numCtx / 2));
  return {
    seed: tries.length,
    temperature: usualTemperature,
    numPredict: met('EmptyAnswer') ? Math.min(most, recipe.numPredict * 2) : recipe.numPredict,
    ...(met('AnswerLooped') ? afterLoop : {}),
  };
}
