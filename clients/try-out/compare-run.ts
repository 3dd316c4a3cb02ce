import type { Description } from '../../domain/description.ts';
import type { ModelHost } from './find-host.ts';

export type Answer =
  | { readonly state: 'answered'; readonly description: Description }
  | { readonly state: 'failed'; readonly reason: string };

export interface CompareDeps<Photo> {
  readonly photos: readonly Photo[];
  readonly models: readonly ModelHost[];
  /** Before the first photo of a model. */
  readonly load: (on: ModelHost) => Promise<void>;
  readonly ask: (photo: Photo, on: ModelHost) => Promise<Description>;
  /** After every answer, with the places of the photo and of the model in their lists. */
  readonly onAnswer: (photo: number, model: number, answer: Answer) => void;
  readonly signal: AbortSignal;
}

/**
 * Every photo with every model: hosts side by side, on each host one call at a time and one model after the other, because
 * changing the model costs a host far more than changing the photo. What fails is an answer too. Ends early, without
 * throwing, when the signal aborts.
 */
export async function compareAll<Photo>(deps: CompareDeps<Photo>): Promise<void> {
  const byHost = Map.groupBy(deps.models.entries(), ([, { host }]) => host);
  await Promise.all(
    [...byHost.values()].map(async (ofHost) => {
      for (const [at, model] of ofHost) await askAll(deps, at, model);
    }),
  );
}

async function askAll<Photo>(
  { photos, load, ask, onAnswer, signal }: CompareDeps<Photo>,
  modelAt: number,
  model: ModelHost,
): Promise<void> {
  // What stands in the way of loading stands in the way of the first call too, and is shown there.
  if (!signal.aborted) await load(model).catch(() => undefined);
  for (const [at, photo] of photos.entries()) {
    if (signal.aborted) return;
    const answer = await ask(photo, model).then(
      (description): Answer => ({ state: 'answered', description }),
      (error: unknown): Answer => ({ state: 'failed', reason: error instanceof Error ? error.message : String(error) }),
    );
    if (answer.state === 'failed' && signal.aborted) return;
    onAnswer(at, modelAt, answer);
  }
}
