import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { AssetRef } from '../domain/asset.ts';
import type { StoryLine } from '../domain/contract.ts';
import type { Description } from '../domain/description.ts';

/** Names and shapes that clients and workflows share. Both sides may import this file, and nothing else of workflows. */
export const workflowTypes = { processAsset: 'processAsset', backfill: 'backfill' } as const;

export interface ProcessAssetInput {
  readonly asset: AssetRef;
}

export type ProcessAssetResult =
  | { readonly outcome: 'done'; readonly description: Description; readonly reused: boolean }
  | { readonly outcome: 'gone'; readonly why: string };

export interface StageView {
  /** settle · fingerprint · faces · claim · describe · persist · done · gone · parked */
  readonly stage: string;
  readonly note: string;
  readonly story: readonly StoryLine[];
}

/** Where is this photo in its pipeline? */
export const stageQuery = defineQuery<StageView>('stage');
/** The file changed, or somebody wants it looked at again: when the run is past reading it, it is done once more. */
export const changedSignal = defineSignal<[{ reason: string }]>('changed');

export interface BackfillInput {
  readonly library: string;
  /** Photos per page, 100 to 200. */
  readonly pageSize?: number;
  /** Runs open at once that are able to go on. */
  readonly window?: number;
  /** Only set when a run continues as a new one. */
  readonly resume?: {
    readonly cursor: string | undefined;
    readonly progress: BackfillProgress;
    readonly again: boolean;
  };
}

export interface BackfillProgress {
  readonly passes: number;
  readonly seen: number;
  readonly started: number;
  readonly skipped: number;
  readonly unsupported: number;
  /** The last few things that could not be looked at, in words. */
  readonly problems: readonly string[];
}

export const progressQuery = defineQuery<BackfillProgress>('progress');
/** Look through the whole library once more when the pass under way has ended. */
export const rescanSignal = defineSignal<[{ reason: string }]>('rescan');

export const backfillWorkflowId = (library: string): string => `backfill/${library}`;
