import { ApplicationFailure, setHandler, workflowInfo } from '@temporalio/workflow';
import type { FinishInput } from '../domain/contract.ts';
import { claim, describe } from './describe.ts';
import { faces } from './faces.ts';
import { settleAndFingerprint } from './fingerprint.ts';
import { changedSignal, type ProcessAssetInput, type ProcessAssetResult } from './messages.ts';
import { Parked } from './parked.ts';
import { publish } from './publish.ts';
import { startOver } from './start-over.ts';
import { finishRun } from './steps.ts';
import { beginStory, type Story } from './story.ts';

/** The life of one photo: settle, fingerprint, faces, claim, describe, persist, publish. */
export async function processAsset({ asset }: ProcessAssetInput): Promise<ProcessAssetResult> {
  const { workflowId } = workflowInfo();
  const story = beginStory(asset);
  let changed = false;
  setHandler(changedSignal, () => void (changed = true), { description: 'The file changed: do it once more' });

  const end = await live();
  await finishRun({ asset, ...runOf(story), end });
  // The last act, and no await behind it: a change that came after the bytes were read means one more run.
  if (changed) return await startOver(asset);
  if (end.outcome === 'parked')
    throw ApplicationFailure.nonRetryable(end.failure.reason, end.failure.code, end.failure);
  return end.outcome === 'done'
    ? { outcome: 'done', description: end.description, reused: end.reused }
    : { outcome: end.outcome, why: end.why };

  async function live(): Promise<FinishInput['end'] & { reused: boolean }> {
    try {
      const read = await settleAndFingerprint(asset, story, () => (changed = false));
      if (read.kind !== 'known') return without(read.kind, read.why);
      story.tell('fingerprint', read.summary);
      const print = await faces(asset, read, story);
      const claimed = await claim(asset, print, workflowId, story);
      const reused = claimed.kind === 'known';
      const description = reused ? claimed.description : await describe(asset, print, claimed, story);
      story.tell(
        'persist',
        reused ? 'the text is known: no model call' : `described by ${description.model} on ${description.host}`,
      );
      // Asked for by what the fingerprint answered, so that old histories go on without it.
      const { fieldSha } = print;
      const published = fieldSha && (await publish({ asset, key: claimed.key, description, fieldSha }, story));
      if (published && published.kind === 'gone') return without('gone', published.note);
      return { outcome: 'done', key: claimed.key, description, reused };
    } catch (error) {
      if (!(error instanceof Parked)) throw error;
      story.tell('parked', error.failure.reason);
      return { outcome: 'parked', failure: error.failure, ...error.seen, reused: false };
    }
  }

  function without(outcome: 'gone' | 'skipped', why: string) {
    story.tell(outcome, why);
    return { outcome, why, reused: false };
  }
}

function runOf(story: Story): Omit<FinishInput, 'asset' | 'end'> {
  const { workflowId, runId, runStartTime } = workflowInfo();
  return { workflowId, runId, startedAt: runStartTime.getTime(), endedAt: Date.now(), story: story.lines };
}
