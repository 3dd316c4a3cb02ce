import { log } from '@temporalio/activity';
import type { Activities, DescribeInput, DescribeResult } from '../domain/contract.ts';
import { conditionsFor } from '../domain/conditions.ts';
import type { Description } from '../domain/description.ts';
import type { HostPool, VisionModel } from '../domain/host-ports.ts';
import type { DescriptionStore } from '../domain/ports.ts';
import { factsFor, renderPrompt } from '../domain/prompt.ts';
import type { DescriptionKey, Recipe } from '../domain/recipe.ts';
import type { WantedHashOf } from '../domain/wanted-recipes.ts';
import { heartbeating, whenAsked } from './heartbeat.ts';
import { type RenditionDeps, renditionFor } from './rendition.ts';

export interface DescribeDeps extends RenditionDeps {
  readonly descriptions: Pick<DescriptionStore, 'find' | 'recipe' | 'save'>;
  readonly pool: HostPool;
  readonly vision: Pick<VisionModel, 'describe'>;
  /** Whose hash is that of the recipe that is wanted now. */
  readonly wanted: WantedHashOf;
  readonly longSide: number;
}

export function createDescribeActivities(deps: DescribeDeps): Pick<Activities, 'describePhoto'> {
  /**
   * Calls under way, by what they will answer. After an outage of Temporal a second attempt arrives while the first still
   * waits for its host: it joins that call instead of making another.
   */
  const underWay = new Map<string, Call>();

  return {
    describePhoto: (input) =>
      heartbeating(async () => {
        const { contentHash, recipeHash, factsHash } = input.key;
        const id = `${contentHash}/${recipeHash}/${factsHash}`;
        const call = underWay.get(id) ?? begin(id, input);
        // Each attempt that waits for it may end it: the first one is deaf once Temporal gave it up.
        whenAsked((reason) => call.end.abort(reason));
        return await call.result;
      }),
  };

  function begin(id: string, input: DescribeInput): Call {
    const end = new AbortController();
    const result = describeOnce(deps, input, end.signal).finally(() => underWay.delete(id));
    const call = { result, end };
    underWay.set(id, call);
    return call;
  }
}

interface Call {
  readonly result: Promise<DescribeResult>;
  readonly end: AbortController;
}

async function describeOnce(deps: DescribeDeps, input: DescribeInput, signal: AbortSignal): Promise<DescribeResult> {
  const { descriptions, pool, renditions, longSide } = deps;
  const { contentHash, recipeHash } = input.key;
  // All at once: a slot stands free meanwhile (2.6 and 2.5 ms one after the other).
  const [known, recipe, picture] = await Promise.all([
    descriptions.find(input.key),
    descriptions.recipe(recipeHash),
    renditions.get(contentHash, longSide),
  ]);
  if (known !== undefined) return { kind: 'described', description: known };
  // The database is another one than at the claim: claiming again writes the recipe down again.
  if (recipe === undefined) return { kind: 'torn' };
  // A recipe of former settings, and its model is nowhere any more: the run starts over with the recipe of today.
  if (!pool.serves(recipe.models) && recipeHash !== (await deps.wanted.of(input.asset.library)).hash)
    return { kind: 'torn' };
  const ready = recipe.longSide === longSide ? picture : undefined;
  const jpeg =
    ready ?? (await renditionFor(deps, { asset: input.asset, contentHash, longSide: recipe.longSide }, signal));
  if (jpeg === undefined) return { kind: 'torn' };
  const description = await ask(deps, input, { recipe, jpeg, signal });
  await keep(descriptions, input.key, description);
  return { kind: 'described', description };
}

/** One call on the host that the pool gives. What failed is told to the pool, which knows whose fault it is. */
async function ask(
  { pool, vision }: DescribeDeps,
  { asset, key, facts, tries }: DescribeInput,
  { recipe, jpeg, signal }: { recipe: Recipe; jpeg: Buffer; signal: AbortSignal },
): Promise<Description> {
  const exclude = tries.flatMap((one) => one.host ?? []);
  const lease = await pool.acquire({ models: recipe.models, photo: key.contentHash, exclude, signal });
  const { host, model, canonical } = lease;
  try {
    const prompt = renderPrompt(recipe, factsFor(recipe, facts, asset.path));
    const conditions = conditionsFor(recipe, tries);
    const description = await vision.describe({ host, model, canonical, recipe, prompt, jpeg, conditions, signal });
    lease.answered(description);
    return description;
  } catch (error) {
    if (signal.aborted) log.warn('A model call was cancelled', { photo: asset.path, host });
    throw lease.failed(error);
  }
}

/** Saved the moment it exists. If the database is away the text still reaches Temporal's history, and `persist` saves it. */
async function keep(
  descriptions: Pick<DescriptionStore, 'save'>,
  key: DescriptionKey,
  text: Description,
): Promise<void> {
  try {
    await descriptions.save(key, text);
  } catch (error) {
    log.warn('An answer could not be saved yet; Temporal keeps it until it can', { error: String(error) });
  }
}
