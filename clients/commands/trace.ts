import { skipAdvice } from '../../domain/skip-advice.ts';
import type { FoundAsset } from '../../domain/status.ts';
import type { StoryLine } from '../../domain/contract.ts';
import { onePhoto, titleOf } from '../one-photo.ts';
import type { Opened } from '../open.ts';
import { photoStory } from '../photo-story.ts';
import { answerOrigin, answerTexts } from '../answer-words.ts';
import { aligned, type Output, wrapped } from '../output.ts';
import { fit } from '../progress-line.ts';

/** The story of one photo, step by step, and its page in the Web UI. */
export async function trace(
  opened: Opened,
  out: Output,
  options: { photo: string; json: boolean; sha256: (raw: Uint8Array) => string },
): Promise<void> {
  const { queries } = opened;
  const found = await onePhoto(queries, options.photo);
  const { content, description } = found;
  const told = await photoStory(opened, found, options.sha256);
  const { failure, story, workflowId, webUi: page } = told;
  if (options.json) return out.json(told);
  for (const line of wrapped(titleOf(found), out.columns)) out.line(line);
  for (const line of wrapped(`${stateWords(found)}${told.open ? ' · a run is open' : ''}`, out.columns)) out.line(line);
  if (content !== undefined) {
    const { kind, width, height, hash, capture } = content;
    out.line(
      [`${kind} ${width}×${height}`, capture.takenAt, capture.camera, `sha256 ${hash.slice(0, 12)}`]
        .filter((part) => part !== undefined)
        .join(' · '),
    );
  }
  if (story.length > 0) out.line();
  for (const line of table(story)) out.line(fit(line, out.columns));
  if (failure !== undefined) {
    out.line();
    for (const line of wrapped(`parked at ${failure.step}, ${failure.code}: ${failure.reason}`, out.columns))
      out.line(line);
  }
  if (description !== undefined) {
    out.line();
    for (const text of answerTexts(description)) for (const line of wrapped(text, out.columns, '  ')) out.line(line);
    out.line(`  — ${answerOrigin(description)}`);
  }
  out.line();
  out.line(page ?? `workflow ${workflowId}`);
}

function stateWords({ state, waitingReason, skipReason }: FoundAsset): string {
  if (skipReason === undefined) return waitingReason === undefined ? state : `${state}: ${waitingReason}`;
  const advice = skipAdvice(skipReason, { policy: undefined });
  return `${state}: ${skipReason}${advice === undefined ? '' : `. ${advice}`}`;
}

const table = (story: readonly StoryLine[]): string[] =>
  aligned(story.map(({ step, at, note }) => [new Date(at).toISOString().slice(11, 19), step, note]));
