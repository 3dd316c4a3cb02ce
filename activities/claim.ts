import type { Activities, Claim } from '../domain/contract.ts';
import { holdingFor, type KeptPauses, keptInWords } from '../domain/kept-pause.ts';
import type { DescriptionStore, Runs } from '../domain/ports.ts';
import { factsFor } from '../domain/prompt.ts';
import type { DescriptionKey } from '../domain/recipe.ts';
import type { WantedRecipe, WantedRecipes } from '../domain/wanted-recipes.ts';
import { heartbeating } from './heartbeat.ts';

export interface ClaimDeps {
  readonly descriptions: Pick<DescriptionStore, 'claim' | 'takeOver' | 'ensureRecipe'>;
  readonly runs: Pick<Runs, 'isOpen'>;
  readonly wanted: Pick<WantedRecipes, 'of'>;
  /** Libraries that a person has paused. */
  readonly pauses?: Pick<KeptPauses, 'look'>;
}

export function createClaimActivities(deps: ClaimDeps): Pick<Activities, 'claimDescription'> {
  const { descriptions, runs, pauses } = deps;
  const recipes = new Map<string, Promise<void>>();
  const written = ({ hash, recipe }: WantedRecipe): Promise<void> => {
    const known = recipes.get(hash);
    if (known !== undefined) return known;
    const writing = descriptions.ensureRecipe(hash, recipe).catch((error: unknown) => {
      recipes.delete(hash);
      throw error;
    });
    recipes.set(hash, writing);
    return writing;
  };

  return {
    claimDescription: ({ asset, contentHash, facts, owner }) =>
      heartbeating(async (): Promise<Claim> => {
        const paused = await pausedLibrary(pauses, asset.library);
        if (paused !== undefined) return paused;
        const wanted = await deps.wanted.of(asset.library);
        await written(wanted);
        // Only what the prompt uses: a keyword that it does not name must not keep two copies from sharing a text.
        const factsHash = wanted.factsHash(factsFor(wanted.recipe, facts, asset.path));
        const key: DescriptionKey = { contentHash, recipeHash: wanted.hash, factsHash };
        let claim = await descriptions.claim(key, owner);
        if (claim.kind === 'held' && !(await runs.isOpen(claim.owner))) {
          // The holder was terminated, or Temporal's files were lost with it: nobody else will ever release this.
          await descriptions.takeOver(key, claim.owner, owner);
          claim = await descriptions.claim(key, owner);
        }
        return claim.kind === 'mine' ? { kind: 'mine', key, model: wanted.recipe.models[0] ?? '' } : { ...claim, key };
      }),
  };
}

async function pausedLibrary(pauses: ClaimDeps['pauses'], name: string): Promise<Claim | undefined> {
  if (pauses === undefined) return undefined;
  const now = Date.now();
  const pause = holdingFor((await pauses.look()).pauses, { kind: 'library', name }, now);
  if (pause === undefined) return undefined;
  const { until } = pause;
  return { kind: 'paused', why: keptInWords(pause, now), ...(until !== undefined && { until }) };
}
