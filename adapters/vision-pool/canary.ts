import { conditionsFor } from '../../domain/conditions.ts';
import type { VisionModel } from '../../domain/host-ports.ts';
import type { Recipe } from '../../domain/recipe.ts';

/** Whether it answers is the question, not what. */
const fewTokens = 32;

interface Deps {
  readonly vision: Pick<VisionModel, 'describe'>;
  readonly recipe: Recipe;
  /** As large as photos are sent: a host that runs out of memory on those may do a small one with ease. */
  readonly picture: () => Promise<Buffer>;
}

/** Has a host describe a picture of ours, with the context that photos get, so that no model is loaded again for it. */
export function createCanary({ vision, recipe, picture }: Deps) {
  const { output: _, ...plain } = recipe;
  const short: Recipe = { ...plain, numPredict: Math.min(recipe.numPredict, fewTokens) };
  const prompt = 'What is in this picture? Answer in one short sentence.';
  return async (host: string, model: string, signal: AbortSignal): Promise<void> => {
    const jpeg = await picture();
    await vision.describe({ host, model, recipe: short, prompt, jpeg, conditions: conditionsFor(short, []), signal });
  };
}
