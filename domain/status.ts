import type { AssetRef, AssetState, Content } from './asset.ts';
import type { FinishInput, Failure, StoryLine } from './contract.ts';
import type { Description } from './description.ts';
import type { LibraryRecord } from './ports.ts';
import type { Outdated } from './progress.ts';
import type { WantedHashes } from './wanted-recipes.ts';

/** What `status`, `trace` and `export` ask of our own rows. Times in milliseconds since 1970. */
export interface StatusQueries {
  /** Libraries in the order they were added; every state is there, also with 0. `wanted` are the recipes that are wanted now. */
  counts(wanted?: WantedHashes): Promise<readonly LibraryCounts[]>;
  /** The most frequent first. */
  waitingReasons(limit?: number): Promise<readonly WaitingReason[]>;
  /** By library and code, the most frequent first. */
  parkedByCode(): Promise<readonly ParkedCode[]>;
  /** Finished calls by host and model since a time, or since ever (reads every description then). */
  hostTotals(since?: number): Promise<readonly HostTotals[]>;
  recentRate(windowMs?: number): Promise<RecentRate>;
  /**
   * Photos that a person may mean by `shownPath`: below a library's root, absolute, only its end, or only the file's name. Only the
   * best kind of match is returned, at most `limit`, in the order of library and path.
   */
  findByPath(shownPath: string, limit?: number): Promise<readonly FoundAsset[]>;
  /** Photos with this id in an Immich: the same one may be in the libraries of two servers, or of the server and its database. */
  findInImmich(id: string): Promise<readonly FoundAsset[]>;
  findById(assetId: string): Promise<FoundAsset | undefined>;
  lastRun(assetId: string): Promise<RunRecord | undefined>;
  failure(assetId: string): Promise<FailureRecord | undefined>;
  /** Every photo that has a description, in the order of registration, page by page: nothing is held but one page. */
  exportRows(options?: { library?: string; signal?: AbortSignal }): AsyncIterable<ExportRow>;
}

export interface LibraryCounts {
  readonly library: LibraryRecord;
  readonly counts: Readonly<Record<AssetState, number>>;
  /** 0 where the wanted recipe is not known. */
  readonly outdated: Outdated;
  /** Of the described ones: people on them were named, or got another name, since. */
  readonly peopleChanged: number;
}

interface WaitingReason {
  readonly library: string;
  readonly reason: string;
  readonly count: number;
  /** Since when the longest-waiting of them waits. */
  readonly since: number;
}

interface ParkedCode {
  readonly code: string;
  readonly count: number;
  /** The reason and the photo of the latest of them. */
  readonly reason: string;
  readonly example: AssetRef;
}

export interface HostTotals {
  readonly host: string;
  readonly model: string;
  readonly simulated: boolean;
  readonly calls: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** Wall clock of all calls together. */
  readonly totalMs: number;
  /** Time that hosts spent on writing the answers, as they say it, and the tokens of those answers: the host's speed. */
  readonly evalMs: number;
  readonly evalTokens: number;
  /** When the first and the last of these answers were saved. */
  readonly firstAt: number;
  readonly lastAt: number;
}

interface RecentRate {
  readonly finished: number;
  /** From the first of them until now: shorter than the window where work has just begun. 0 where nothing finished. */
  readonly spanMs: number;
}

export interface FoundAsset {
  readonly asset: AssetRef;
  readonly rawPath: Uint8Array;
  readonly root: string;
  /** Of its library. */
  readonly kind?: 'immich';
  readonly match: 'exact' | 'suffix' | 'name';
  readonly state: AssetState;
  readonly waitingReason: string | undefined;
  readonly waitingSince: number | undefined;
  /** Why nothing is done for it. */
  readonly skipReason?: string;
  readonly content: Content | undefined;
  readonly description: (Description & { readonly created: number; readonly recipeHash: string }) | undefined;
}

export interface RunRecord {
  readonly runId: string;
  readonly workflowId: string;
  readonly started: number;
  readonly ended: number;
  readonly outcome: FinishInput['end']['outcome'];
  readonly story: readonly StoryLine[];
}

export interface FailureRecord extends Failure {
  readonly recipeHash: string | undefined;
  readonly at: number;
}

export interface ExportRow {
  readonly library: string;
  readonly path: string;
  readonly state: AssetState;
  readonly description: string;
  /** The rest of a structured answer; absent for plain text. */
  readonly tags?: readonly string[];
  readonly textInImage?: string;
  readonly safety?: string;
  readonly model: string;
  readonly host: string;
  readonly simulated: boolean;
  readonly recipe: string;
  /** Local time of the photo as the camera wrote it. */
  readonly takenAt: string | undefined;
  readonly promptTokens: number | undefined;
  readonly answerTokens: number | undefined;
  readonly ms: number;
  /** ISO 8601, UTC. */
  readonly created: string;
}
