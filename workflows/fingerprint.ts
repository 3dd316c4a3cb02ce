import type { AssetRef, FileStat } from '../domain/asset.ts';
import type { FingerprintResult } from '../domain/contract.ts';
import { patienceMs } from '../domain/settle.ts';
import { Parked } from './parked.ts';
import { settle } from './settle.ts';
import { contentFault, fingerprintStep } from './steps.ts';
import type { Story } from './story.ts';

export type Fingerprinted =
  Extract<FingerprintResult, { kind: 'known' }> | { readonly kind: 'gone'; readonly why: string };

/**
 * Settle, then read. Bytes that changed while they were read go back to settle; a picture that cannot be decoded is given
 * half a minute without a change first, because half an upload looks the same. `onWhole` is called when reading begins.
 */
export async function settleAndFingerprint(asset: AssetRef, story: Story, onWhole: () => void): Promise<Fingerprinted> {
  for (let quietMs: number | undefined; ;) {
    const settled = await settle(asset, story, quietMs);
    if (settled.verdict === 'gone') return { kind: 'gone', why: settled.why };
    if (settled.verdict === 'empty') throw emptyFile(settled.stat);
    onWhole();
    story.tell('fingerprint', 'reading');
    try {
      const print = await fingerprintStep('hash, size and a copy for the model')({ asset, stat: settled.stat });
      if (print.kind !== 'torn') return print;
      story.tell('settle', 'it changed while it was read');
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
