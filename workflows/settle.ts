import { sleep } from '@temporalio/workflow';
import type { AssetRef, FileStat } from '../domain/asset.ts';
import { growingWaitMs, type Observation, waitingAfterMs } from '../domain/settle.ts';
import { startOverIfLong } from './start-over.ts';
import { checkSettled, markWaiting } from './steps.ts';
import type { Story } from './story.ts';

export type Settled =
  | { readonly verdict: 'whole'; readonly stat: FileStat }
  | { readonly verdict: 'empty'; readonly stat: FileStat }
  | { readonly verdict: 'gone'; readonly why: string }
  | { readonly verdict: 'skip'; readonly why: string }
  | { readonly verdict: 'no-preview'; readonly stat: FileStat; readonly why: string };

export interface Settling {
  /** Milliseconds without a change; absent for the usual ones. */
  readonly quietMs: number | undefined;
  /** Called before each look: what happened to the file until then is seen by it. */
  readonly onLook: () => void;
}

/** Waits until the file is whole, as long as it takes: short looks, long durable timers between them. */
export async function settle(asset: AssetRef, story: Story, { quietMs, onLook }: Settling): Promise<Settled> {
  const since = Date.now();
  let first: Observation | undefined;
  let changes = 0;
  let marked = false;
  story.tell('settle', 'is the file whole?');
  for (;;) {
    onLook();
    const look = await checkSettled({ asset, ...(first && { first }), ...(quietMs !== undefined && { quietMs }) });
    if (look.verdict !== 'wait') return look;
    if (first !== undefined && look.first.at !== first.at) changes += 1;
    first = look.first;
    story.tell('settle', look.why);
    if (!marked && Date.now() - since >= waitingAfterMs) {
      await markWaiting({ asset, reason: look.why });
      marked = true;
    }
    await startOverIfLong(asset);
    // A look that asks for a longer wait than files need is at something that takes hours.
    await sleep(Math.max(look.waitMs, growingWaitMs(changes, look.waitMs)), { summary: look.why });
  }
}
