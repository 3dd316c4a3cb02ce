import type { AssetRef, FileStat } from './asset.ts';
import type { BackfillProgress, PageTally } from './backfill.ts';
import type { ClusterFacesInput, ClusterFacesResult } from './clustering.ts';
import type { Description, Try } from './description.ts';
import type { DescriptionKey, PromptFacts } from './recipe.ts';
import type { MissingTally, ReconcilePlace, ReconcileReport } from './reconcile.ts';
import type { PhotoSelection } from './selection.ts';
import type { Observation } from './settle.ts';
import type { UndoChoice, UndoPageInput, UndoPageResult } from './undo.ts';
import type { VerifyPageInput, VerifyPageResult, VerifyReport } from './verify.ts';

/**
 * The wire between workflows and activities. A changed shape is a compatibility event: old histories hold the old one.
 * Every activity may run twice.
 */
export interface Activities {
  /** One look at the file. Local. */
  readonly checkSettled: (input: { asset: AssetRef; first?: Observation; quietMs?: number }) => Promise<SettleCheck>;
  /** Hash, measure and render from one open descriptor; remembers the content. Regular, on `darkroom-library`. */
  readonly fingerprint: (input: { asset: AssetRef; stat: FileStat }) => Promise<FingerprintResult>;
  /** Looks for faces on bytes that nobody has looked at, and keeps them. Regular, on `darkroom-faces`. */
  readonly findFaces: (input: FindFacesInput) => Promise<FindFacesResult>;
  /** Which description is wanted, is it known, is somebody else making it? Local. */
  readonly claimDescription: (input: {
    asset: AssetRef;
    contentHash: string;
    facts: PromptFacts;
    owner: string;
  }) => Promise<Claim>;
  /** Looks for its row first, then calls a model, saves, returns. Regular, on `darkroom-vision`. */
  readonly describePhoto: (input: DescribeInput) => Promise<DescribeResult>;
  /** Writes the text into the library's own field, by its policy, and keeps what was written. Regular, on `darkroom-publish`. */
  readonly publish: (input: PublishInput) => Promise<PublishResult>;
  /** Writes how the run ended, in one statement, and releases its claim. Local. */
  readonly finishRun: (input: FinishInput) => Promise<void>;
  /** The run waits for something that will come by itself. Local. */
  readonly markWaiting: (input: { asset: AssetRef; reason: string }) => Promise<void>;
  /** Starts the runs of one page of a library, with a brake on how many are open. Regular, on `darkroom-control`. */
  readonly startPage: (input: StartPageInput) => Promise<StartPageResult>;
  /** Keeps what a backfill did, for when Temporal has forgotten it. Local. */
  readonly keepBackfill: (input: BackfillEnd) => Promise<void>;
  /** Pauses queues whose windows are closed at `at` (or later), and lets the others go on. Regular, on `darkroom-control`. */
  readonly keepWindows: (input: { at: number }) => Promise<WindowsKept>;
  /** Starts runs that should be there and are not, with the same brake. Regular, on `darkroom-control`, as are the next two. */
  readonly startMissing: (input: StartMissingInput) => Promise<StartMissingResult>;
  /** Starts a pass through each library that has none under way, where the settings allow it; returns their names. */
  readonly passLibraries: () => Promise<{ passes: readonly string[] }>;
  /** Keeps what reconcile did last, for `status` and `doctor`. */
  readonly keepReconciled: (input: ReconcileReport) => Promise<void>;
  /** Looks again at a page of what was written into libraries' own fields. Regular, on `darkroom-control`, as are the next three. */
  readonly verifyPage: (input: VerifyPageInput) => Promise<VerifyPageResult>;
  /** Keeps what the last round of that found. */
  readonly keepVerified: (input: VerifyReport) => Promise<void>;
  /** Takes back a page of what was written there. */
  readonly undoPage: (input: UndoPageInput) => Promise<UndoPageResult>;
  readonly countUndoable: (input: { choice: UndoChoice }) => Promise<{ count?: number }>;
  /** Decides whose the faces of one page are that nobody has. Regular, on `darkroom-control`. */
  readonly clusterFaces: (input: ClusterFacesInput) => Promise<ClusterFacesResult>;
}

/** One line for each queue that was paused, or let go on. */
export interface WindowsKept {
  readonly closed: readonly string[];
  readonly opened: readonly string[];
}

export type SettleCheck =
  | { readonly verdict: 'whole'; readonly stat: FileStat }
  | { readonly verdict: 'wait'; readonly waitMs: number; readonly first: Observation; readonly why: string }
  | { readonly verdict: 'empty'; readonly stat: FileStat }
  | { readonly verdict: 'gone'; readonly why: string }
  /** Nothing is to be done for it: a person's own text, hidden, locked. Version 0.1.0 had no such answer, nor the next. */
  | { readonly verdict: 'skip'; readonly why: string }
  /** Immich has made no preview of it for as long as that is waited for. */
  | { readonly verdict: 'no-preview'; readonly stat: FileStat; readonly why: string };

export type FingerprintResult =
  | {
      readonly kind: 'known';
      readonly contentHash: string;
      readonly facts: PromptFacts;
      readonly summary: string;
      /**
       * The library has a field of its own for the text, and this stood there: SHA-256 of it after trim. Absent: our rows are
       * all there is.
       */
      readonly fieldSha?: string;
      /** Absent: no face service is set up, or a version answered that knew none. */
      readonly faces?: FacesKnown;
    }
  /** The bytes changed while they were read: back to settle. */
  | { readonly kind: 'torn' }
  | { readonly kind: 'gone'; readonly why: string };

/**
 * wanted: nobody has looked at these bytes yet · known: somebody has, and the facts tell of the people · left: to the library,
 * which recognises people itself. `note` is for the run's story.
 */
export type FacesKnown =
  | { readonly kind: 'wanted' }
  | { readonly kind: 'known'; readonly note: string }
  | { readonly kind: 'left'; readonly note: string };

export interface FindFacesInput {
  readonly asset: AssetRef;
  readonly contentHash: string;
  /** As far as the fingerprint told them: whom Immich knows on it, when it was taken, what its tags say. */
  readonly facts: Pick<PromptFacts, 'people' | 'takenAt' | 'keywords'>;
}

export type FindFacesResult =
  | {
      readonly kind: 'looked';
      /** For the prompt: names, with ages where they are known. */
      readonly people: readonly string[];
      /** In words, for the run's story. */
      readonly note: string;
    }
  /** The file is not the one that was fingerprinted: back to settle. */
  | { readonly kind: 'torn' };

export type Claim =
  | { readonly kind: 'known'; readonly key: DescriptionKey; readonly description: Description }
  | { readonly kind: 'mine'; readonly key: DescriptionKey; readonly model: string }
  | { readonly kind: 'held'; readonly key: DescriptionKey; readonly owner: string }
  /** Somebody has paused its library. Version 0.1.0 had no such answer. */
  | { readonly kind: 'paused'; readonly why: string; readonly until?: number };

export interface DescribeInput {
  readonly asset: AssetRef;
  readonly key: DescriptionKey;
  readonly facts: PromptFacts;
  /** Content faults so far; their number is the seed, their hosts are avoided. */
  readonly tries: readonly Try[];
}

export type DescribeResult =
  | { readonly kind: 'described'; readonly description: Description }
  /** The file is not the one that was fingerprinted, or the recipe is not known any more: back to settle. */
  | { readonly kind: 'torn' };

export interface PublishInput {
  readonly asset: AssetRef;
  readonly key: DescriptionKey;
  readonly description: Description;
  /** As the fingerprint saw the field. */
  readonly fieldSha: string;
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * written: it stands there · same: it stood there already · kept: a person's own text stayed · held: not to be written yet ·
 * gone: there is no such photo any more
 */
export interface PublishResult {
  readonly kind: 'written' | 'same' | 'kept' | 'held' | 'gone';
  /** In words, for the run's story. */
  readonly note: string;
}

/** One line of a run's story, kept with the run so that `trace` can tell it when Temporal has forgotten. */
export interface StoryLine {
  readonly step: string;
  /** Milliseconds since 1970, workflow time. */
  readonly at: number;
  readonly note: string;
}

export interface Failure {
  readonly step: string;
  readonly code: string;
  readonly reason: string;
  readonly tries: readonly Try[];
}

export interface FinishInput {
  readonly asset: AssetRef;
  readonly workflowId: string;
  readonly runId: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly story: readonly StoryLine[];
  readonly end:
    | { readonly outcome: 'done'; readonly key: DescriptionKey; readonly description: Description }
    | { readonly outcome: 'gone'; readonly why: string }
    | { readonly outcome: 'skipped'; readonly why: string }
    | {
        readonly outcome: 'parked';
        readonly failure: Failure;
        readonly key?: DescriptionKey;
        readonly stat?: FileStat;
      };
}

export interface StartPageInput {
  readonly library: string;
  /** Where the last page ended (opaque); absent at the beginning. */
  readonly cursor?: string;
  readonly pageSize: number;
  /** At most this many runs that are able to go on may be open. */
  readonly window: number;
  /** Of the runs that are started, 1 to 5; absent in histories of version 0.1.0: that of a backfill. */
  readonly priority?: number;
  /** Not the whole library but these photos of it, for this backfill. */
  readonly chosen?: ChosenPhotos;
}

/** A backfill with a choice of its own keeps a row for each photo that it takes, so that its limit and its end are exact. */
export interface ChosenPhotos {
  /** Id of the backfill. */
  readonly backfill: string;
  readonly selection: PhotoSelection;
  /** At most this many photos, over all pages. */
  readonly limit?: number;
  /** In an order by chance, which is the same in every page. */
  readonly sample?: boolean;
}

export interface StartPageResult extends PageTally {
  /** Absent at the end of the library; and where the first page was cut short. */
  readonly next?: string;
  /** It was cancelled in the middle: what was left goes on at `next`. */
  readonly cut?: true;
}

export interface BackfillEnd {
  readonly backfill: string;
  readonly workflowId: string;
  readonly library: string;
  readonly chosen?: ChosenPhotos;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: 'finished' | 'cancelled';
  readonly reason?: string;
  readonly progress: BackfillProgress;
}

export interface StartMissingInput extends ReconcilePlace {
  /** Rows that were touched later than so many milliseconds ago are left alone. */
  readonly quietMs: number;
}

export interface StartMissingResult extends MissingTally {
  /** Key of the row behind which the next look goes on; absent behind the last one of this kind. */
  readonly next?: string;
}
