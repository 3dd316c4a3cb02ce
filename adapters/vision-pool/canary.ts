import { conditionsFor } from '../../domain/conditions.ts';
import type { VisionModel } from '../../domain/ports.ts';
import type { Recipe } from '../../domain/recipe.ts';

/** A drawing of 64 × 64: sky, grass, a sun. */
const picture =
  '/9j/2wBDAA0NDQ0ODQ4QEA4UFhMWFB4bGRkbHi0gIiAiIC1EKjIqKjIqRDxJOzc7STxsVUtLVWx9aWNpfZeHh5e+tb75+f//2wBDAQ0NDQ0ODQ4QEA4UFhMWFB4bGRkbHi0gIiAiIC1EKjIqKjIqRDxJOzc7STxsVUtLVWx9aWNpfZeHh5e+tb75+f//wgARCABAAEADASIAAhEBAxEB/8QAGQABAQEBAQEAAAAAAAAAAAAAAAYEAQID/8QAGAEBAQEBAQAAAAAAAAAAAAAAAAQDBQH/2gAMAwEAAhADEAAAAKUXQgO+tPOpxtGejMKcgPenH3nU/fOUZkiyyrkiK5IiuSICHwAAD//EABsQAQEAAgMBAAAAAAAAAAAAAAECIEEDEBJQ/9oACAEBAAE/AMQXWcT6rrkkRdmUV5rrkoBNuYpv4f8A/8QAHxEAAQMFAQEBAAAAAAAAAAAAAQIEEQASFGOhAxAg/9oACAECAQE/APjx+GyghKLlRNNHKXPneBBBgj68YByoLSu1URTRslt52AySZJrN19rN19rN19rN19/P/8QAHBEAAgIDAQEAAAAAAAAAAAAAAQMCEQAEEBMw/9oACAEDAQE/AOI1vUGRNDHKKpVd9Rs+QMSLGOaWyuq+P//Z';

/** Whether it answers is the question, not what. */
const fewTokens = 32;

/** Has a host describe a picture of ours, with the context that photos get, so that no model is loaded again for it. */
export function createCanary({ vision, recipe }: { vision: Pick<VisionModel, 'describe'>; recipe: Recipe }) {
  const jpeg = Buffer.from(picture, 'base64');
  const { output: _, ...plain } = recipe;
  const short: Recipe = { ...plain, numPredict: Math.min(recipe.numPredict, fewTokens) };
  return async (host: string, model: string, signal: AbortSignal): Promise<void> => {
    const prompt = 'What is in this picture? Answer in one short sentence.';
    await vision.describe({ host, model, recipe: short, prompt, jpeg, conditions: conditionsFor(short, []), signal });
  };
}
