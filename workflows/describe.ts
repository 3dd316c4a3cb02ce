import { sleep } from '@temporalio/workflow';
import type { AssetRef } from '../domain/asset.ts';
import type { Claim, FingerprintResult } from '../domain/contract.ts';
import { type Description, type Try, triesUntilParked } from '../domain/description.ts';
import { quietMs, waitingAfterMs } from '../domain/settle.ts';
import { Parked } from './parked.ts';
import { startOver, startOverIfLong } from './start-over.ts';
import { claimDescription, contentFault, describeStep, markWaiting } from './steps.ts';
import type { Story } from './story.ts';

type Mine = Extract<Claim, { kind: 'mine' }>;
type Print = Extract<FingerprintResult, { kind: 'known' }>;

/**
 * Known, or ours to make. While another run makes it, or the library is paused, this one waits on a durable timer, never in a
 * vision slot.
 */
export async function claim(
  asset: AssetRef,
  { contentHash, facts }: Print,
  owner: string,
  story: Story,
): Promise<Exclude<Claim, { kind: 'held' | 'paused' }>> {
  const since = Date.now();
  let marked = false;
  story.tell('claim', 'is it described already?');
  for (let wait = 2_000; ; wait = Math.min(wait * 2, 60_000)) {
    const claimed = await claimDescription({ asset, contentHash, facts, owner });
    if (claimed.kind !== 'held' && claimed.kind !== 'paused') return claimed;
    const { why, reason, waitMs } = claimed.kind === 'held' ? heldBy(claimed.owner, wait) : pausedBy(claimed, wait);
    story.tell('claim', why);
    if (!marked && Date.now() - since >= waitingAfterMs) {
      await markWaiting({ asset, reason });
      marked = true;
    }
    await startOverIfLong(asset);
    await sleep(waitMs, { summary: why });
  }
}

const heldBy = (owner: string, waitMs: number) => ({
  why: `the same picture is being described by ${owner}`,
  reason: 'a copy of it is being described',
  waitMs,
});

/** Looked at again at its end or, as somebody may resume before that, a minute later at most. */
const pausedBy = ({ why, until = Infinity }: Extract<Claim, { kind: 'paused' }>, wait: number) => ({
  why,
  reason: 'its library is paused',
  waitMs: Math.max(1_000, Math.min(wait, until - Date.now())),
});

/** One answer. What is the photo's own fault is counted here, and handed on, so that the next try is another one. */
export async function describe(
  asset: AssetRef,
  { facts }: Print,
  { key, model }: Mine,
  story: Story,
): Promise<Description> {
  const tries: Try[] = [];
  for (;;) {
    story.tell(
      'describe',
      tries.length === 0 ? `with ${model}` : `once more with ${model}, after ${tries.at(-1)?.code}`,
    );
    try {
      const result = await describeStep(`with ${model}`)({ asset, key, facts, tries });
      if (result.kind === 'torn') {
        // A breath, so that two steps which never agree do not chase each other.
        await sleep(quietMs, { summary: 'it changed before it was described' });
        return await startOver(asset);
      }
      return result.description;
    } catch (error) {
      const fault = contentFault(error);
      if (fault === undefined) throw error;
      tries.push({ code: fault.code, ...(fault.host !== undefined && { host: fault.host }) });
      if (tries.length >= triesUntilParked) throw new Parked({ step: 'describe', ...fault, tries }, { key });
    }
  }
}
