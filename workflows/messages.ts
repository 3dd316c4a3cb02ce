import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { AssetRef } from '../domain/asset.ts';
import type { BackfillProgress, Steering } from '../domain/backfill.ts';
import type { ClusterPlace, ClusterRound } from '../domain/cluster-round.ts';
import type { ChosenPhotos, StoryLine } from '../domain/contract.ts';
import type { Description } from '../domain/description.ts';
import type { ReconcilePlace, ReconcileReport } from '../domain/reconcile.ts';
import type { UndoChoice, UndoReport } from '../domain/undo.ts';
import type { VerifyPlace, VerifyReport } from '../domain/verify.ts';

/** Names and shapes that clients and workflows share. Both sides may import this file, and nothing else of workflows. */
export const workflowTypes = {
  processAsset: 'processAsset',
  backfill: 'backfill',
  reconcile: 'reconcile',
  keepWindow: 'keepWindow',
  verifyPublications: 'verifyPublications',
  undoPublications: 'undoPublications',
  clusterFaces: 'clusterFaces',
} as const;

/** Of a time window's schedule; the runs that it starts have it as the beginning of their ids. */
export const windowScheduleId = (window: string): string => `window/${window}`;

export interface ProcessAssetInput {
  readonly asset: AssetRef;
}

export type ProcessAssetResult =
  | { readonly outcome: 'done'; readonly description: Description; readonly reused: boolean }
  | { readonly outcome: 'gone'; readonly why: string }
  | { readonly outcome: 'skipped'; readonly why: string };

export interface StageView {
  /** settle · fingerprint · faces · claim · describe · persist · publish · done · gone · skipped · parked */
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
  /** Of the runs it starts, 1 to 5; absent: that of a backfill. */
  readonly priority?: number;
  /** Absent: the whole library, which is walked. */
  readonly chosen?: Omit<ChosenPhotos, 'backfill'>;
  /** The id of one with the same choice that was lost with Temporal's files, and goes on in this one. */
  readonly goesOn?: string;
  /** Only set when a run continues as a new one. Version 0.1.0 did not know `steering` and `since`. */
  readonly resume?: {
    readonly cursor: string | undefined;
    readonly progress: BackfillProgress;
    readonly again: boolean;
    readonly steering?: Steering;
    /** When the first run began, in milliseconds since 1970. */
    readonly since?: number;
  };
}

export interface BackfillView extends BackfillProgress {
  /** When its first run began, in milliseconds since 1970. A worker of an earlier version does not say. */
  readonly since?: number;
  readonly steering: Steering;
  readonly chosen?: ChosenPhotos;
}

export const progressQuery = defineQuery<BackfillView>('progress');
/** Look through the whole library once more when the pass under way has ended. */
export const rescanSignal = defineSignal<[{ reason: string }]>('rescan');

/** What these carry is `unknown`: they come from people too, by the Web UI and by Temporal's own command (domain/backfill.ts). */
export const pauseSignal = defineSignal<[unknown]>('pause');
export const resumeSignal = defineSignal<[unknown]>('resume');
export const prioritizeSignal = defineSignal<[unknown]>('prioritize');
/** Drains: nothing more is started, and what is open ends by itself. */
export const cancelSignal = defineSignal<[unknown]>('cancel');
export const setWindowUpdate = defineUpdate<Steering, [unknown]>('setWindow');

/** Of the pass through a whole library; a backfill with a choice of its own has a name after it. */
export const backfillWorkflowId = (library: string, name?: string): string =>
  name === undefined ? `backfill/${library}` : `backfill/${library}/${name}`;

export interface ReconcileInput {
  /** Rows that were touched later than so many milliseconds ago are left alone; absent: three minutes. */
  readonly quietMs?: number;
  /** Only set when a run continues as a new one. */
  readonly resume?: { readonly report: ReconcileReport; readonly place: ReconcilePlace };
}

export const reconcileQuery = defineQuery<ReconcileReport>('report');

/** The schedule, and what its runs are called, with their time behind it. */
export const reconcileScheduleId = 'reconcile';
/** Of a run that a person, or the first start on an empty Temporal, asked for: one at a time. */
export const reconcileNowId = 'reconcile/now';

export interface VerifyInput {
  /** Only set when a run continues as a new one; `again` is how many texts were looked at again in this round. */
  readonly resume?: { readonly report: VerifyReport; readonly place: VerifyPlace; readonly again: number };
}

export const verifyQuery = defineQuery<VerifyReport>('report');

/** The schedule, and what its runs are called, with their time behind it. */
export const verifyScheduleId = 'verify';

export interface UndoInput {
  readonly choice: UndoChoice;
  /** Only looks. */
  readonly dryRun?: boolean;
  /** At most this many are taken back. */
  readonly limit?: number;
  /** Only set when a run continues as a new one. */
  readonly resume?: { readonly report: UndoReport; readonly after: string };
}

export const undoQuery = defineQuery<UndoReport>('report');

export interface ClusterInput {
  /** Of the vectors: those of different models are never compared. */
  readonly model: string;
  /** Those that were put off too, also where no face is new. */
  readonly all?: boolean;
  /** Only set when a run continues as a new one. */
  readonly resume?: { readonly round: ClusterRound; readonly place: ClusterPlace };
}

export const clusterQuery = defineQuery<ClusterRound>('round');

/** The schedules, and what their runs are called, with their time behind it. */
export const clusterScheduleId = 'faces';
export const clusterAllScheduleId = 'faces/all';
/** Of a round that a person asked for: one at a time. */
export const clusterNowId = 'faces/now';
