import { fit } from '../progress-line.ts';
import { assetWorkflowId } from '../../domain/paths.ts';
import type { FoundAsset } from '../../domain/status.ts';
import type { StoryLine } from '../../domain/contract.ts';
import { onePhoto } from '../one-photo.ts';
import type { Opened } from '../open.ts';
import { answerOrigin, answerTexts } from '../answer-words.ts';
import { aligned, type Output, wrapped } from '../output.ts';

/** The story of one photo, step by step, and its page in the Web UI. */
export async function trace(
  opened: Opened,
  out: Output,
  options: { photo: string; json: boolean; sha256: (raw: Uint8Array) => string },
): Promise<void> {
  const { queries, photos } = opened;
  const found = await onePhoto(queries, options.photo);
  const { asset, rawPath, content, description } = found;
  const workflowId = assetWorkflowId(asset.library, rawPath, options.sha256);
  const [live, last, failure] = await Promise.all([
    photos.stage(workflowId).catch(() => undefined),
    queries.lastRun(asset.assetId),
    queries.failure(asset.assetId),
  ]);
  const story = live !== undefined && (live.open || last === undefined) ? live.story : (last?.story ?? []);
  const page = opened.pageOf(workflowId);
  if (options.json) {
    out.json({
      asset,
      state: found.state,
      workflowId,
      webUi: page,
      content,
      description,
      failure,
      story,
      open: live?.open ?? false,
    });
    return;
  }
  out.line(`${asset.path}  (${asset.library}, ${found.root})`);
  out.line(`${stateWords(found)}${live?.open === true ? ' · a run is open' : ''}`);
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

function stateWords({ state, waitingReason }: FoundAsset): string {
  return waitingReason === undefined ? state : `${state}: ${waitingReason}`;
}

const table = (story: readonly StoryLine[]): string[] =>
  aligned(story.map(({ step, at, note }) => [new Date(at).toISOString().slice(11, 19), step, note]));
