import { conditionsFor } from '../../domain/conditions.ts';
import type { Description } from '../../domain/description.ts';
import { factsFor, renderPrompt } from '../../domain/prompt.ts';
import type { ModelHost } from './find-host.ts';
import type { TryOut } from './open.ts';
import type { ChosenPhoto, ReadPhoto } from './read-photo.ts';

export interface Question {
  readonly photo: ChosenPhoto;
  readonly read: ReadPhoto;
  readonly on: ModelHost;
  readonly signal: AbortSignal;
  readonly onPiece?: (piece: string) => void;
}

/** One call, with what a run would send; the answer is kept nowhere. Throws as `VisionModel.describe` does. */
export async function ask({ recipe, vision }: TryOut, question: Question): Promise<Description> {
  const { photo, read, on, signal, onPiece } = question;
  const wanted = { ...recipe, models: [on.model] };
  return await vision.describe({
    host: on.host,
    model: on.tag,
    canonical: on.model,
    recipe: wanted,
    prompt: renderPrompt(wanted, factsFor(wanted, read.facts, photo.shown)),
    jpeg: read.jpeg,
    conditions: conditionsFor(wanted, []),
    signal,
    ...(onPiece !== undefined && { onPiece }),
  });
}

/** Has the model loaded under the limit that loading has, so that it counts neither as an answer nor as silence. */
export async function loaded({ recipe, vision }: TryOut, on: ModelHost, signal: AbortSignal): Promise<void> {
  if (on.loaded === false) await vision.load(on.host, on.tag, recipe.numCtx, signal);
}
