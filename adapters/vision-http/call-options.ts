import type { CallConditions } from '../../domain/conditions.ts';

type Options = Readonly<Record<string, unknown>>;

/** What a retry has of its own: with the person's in their place it could be the call that failed, and fail again. */
const varied: ReadonlySet<string> = new Set([
  'seed',
  'temperature',
  'repeat_penalty',
  'frequency_penalty',
  'repetition_penalty',
]);
/** The room for an answer under all its names; `n_predict` is llama.cpp's. */
const limits: ReadonlySet<string> = new Set(['num_predict', 'max_tokens', 'max_completion_tokens', 'n_predict']);
/** Apart from the seeds of all tries (domain/conditions.ts), which count from 0. */
const otherSeeds = 1_000;

/**
 * Our options and the person's (`theirs`), which win. On a retry (any but the first seed) they don't win over what it
 * changes, and the larger of two limits holds. What is not in `ours` is never added.
 */
export function callOptions(ours: Options, theirs: Options, { seed, numPredict }: CallConditions): Options {
  if (seed === 0) return { ...ours, ...theirs };
  const changed = Object.entries(ours).filter(([name]) => varied.has(name));
  const raised = Object.entries(theirs).flatMap(([name, most]) =>
    limits.has(name) && typeof most === 'number' && most >= 1 ? [[name, Math.max(most, numPredict)]] : [],
  );
  return {
    ...ours,
    ...theirs,
    ...Object.fromEntries([...changed, ...raised]),
    // The first call had the person's seed.
    ...(theirs['seed'] === seed && ours['seed'] !== undefined ? { seed: seed + otherSeeds } : {}),
  };
}
