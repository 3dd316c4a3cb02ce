import { sleep } from '@temporalio/workflow';
import type { AssetRef, FileStat } from '../domain/asset.ts';
import type { FingerprintResult } from '../domain/contract.ts';
import { growingWaitMs, patienceMs, quietMs as usualQuietMs } from '../domain/settle.ts';
import { Parked } from './parked.ts';
import { settle } from './settle.ts';
import { startOverIfLong } from './start-over.ts';
import { contentFault, fingerprintStep } from './steps.ts';
import type { Story } from './story.ts';

export type Fingerprinted =
  Extract<FingerprintResult, { kind: 'known' }> | { readonly kind: 'gone' | 'skipped'; readonly why: string };

/**
 * Settle, then read. Bytes that changed while they were read go back to settle; a picture that cannot be decoded is given
 * half a minute without a change first, because half an upload looks the same. `onLook` is called before each look.
 */
export async function settleAndFingerprint(asset: AssetRef, story: Story, onLook: () => void): Promise<Fingerprinted> {
  let quietMs: number | undefined;
  for (let torn = 0; ; torn += 1) {
    const settled = await settle(asset, story, { quietMs, onLook });
    if (settled.verdict === 'gone') return { kind: 'gone', why: settled.why };
    if (settled.verdict === 'skip') return { kind: 'skipped', why: settled.why };
    if (settled.verdict === 'empty') throw emptyFile(settled.stat);
    if (settled.verdict === 'no-preview') throw noPreview(settled);
    story.tell('fingerprint', 'reading');
    try {
      const print = await fingerprintStep('hash, size and a copy for the model')({ asset, stat: settled.stat });
      if (print.kind !== 'torn') return print;
      const why = 'it changed while it was read';
      story.tell('settle', why);
      // Shares exist on which two looks at one file never agree: that must not spin.
      await startOverIfLong(asset);
      await sleep(growingWaitMs(torn, usualQuietMs), { summary: why });
    } catch (error) {
      const fault = contentFault(error);
      if (fault === undefined) throw error;
      if (quietMs !== undefined || isOld(settled.stat)) {
        throw new Parked({ step: 'fingerprint', ...fault, tries: [] }, { stat: settled.stat });
      }
      quietMs = patienceMs;
    }
  }
}

const isOld = (stat: FileStat): boolean => Date.now() - Math.max(stat.mtimeMs, stat.ctimeMs) >= patienceMs;

const emptyFile = (stat: FileStat): Parked =>
  new Parked(
    {
      step: 'settle',
      code: 'EmptyFile',
      reason: 'The file is empty. Copy it here again; it is looked at when it changes.',
      tries: [],
    },
    { stat },
  );

const noPreview = ({ stat, why }: { stat: FileStat; why: string }): Parked =>
  new Parked({ step: 'settle', code: 'NoPreview', reason: why, tries: [] }, { stat });
