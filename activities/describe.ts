import { log } from '@temporalio/activity';
import type { Activities, DescribeInput, DescribeResult } from '../domain/contract.ts';
import { conditionsFor } from '../domain/conditions.ts';
import type { Description } from '../domain/description.ts';
import type { AssetStore, DescriptionStore, HostPool, RenditionCache, VisionModel } from '../domain/ports.ts';
import { factsFor, renderPrompt } from '../domain/prompt.ts';
import type { DescriptionKey, Recipe } from '../domain/recipe.ts';
import type { WantedHashOf } from '../domain/wanted-recipes.ts';
import { heartbeating, whenAsked } from './heartbeat.ts';
import type { Sources } from './sources.ts';

export interface DescribeDeps {
  readonly assets: Pick<AssetStore, 'rememberContent'>;
  readonly descriptions: Pick<DescriptionStore, 'find' | 'recipe' | 'save'>;
  readonly renditions: RenditionCache;
  readonly sources: Sources;
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
  const jpeg = ready ?? (await pictureFor(deps, input, recipe, signal));
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

/** From the cache; made again where it was evicted. Undefined where the file is no longer the one that was fingerprinted. */
async function pictureFor(
  { assets, renditions, sources }: DescribeDeps,
  { asset, key }: DescribeInput,
  { longSide }: Recipe,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const cached = await renditions.get(key.contentHash, longSide);
  if (cached !== undefined) return cached;
  const source = await sources.of(asset.library);
  const expected = await source.version(asset, signal);
  if (expected === undefined) return undefined;
  const again = await source.read(asset, { expected, longSide, signal });
  if (again.kind !== 'read') return undefined;
  await renditions.put(again.content.hash, longSide, again.rendition);
  if (again.content.hash === key.contentHash) return again.rendition;
  // Other bytes behind the same size and time: unless that is written down, the next fingerprint answers the old hash again.
  await assets.rememberContent(asset, expected, again.content);
  return undefined;
}
