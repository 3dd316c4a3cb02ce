/** Milliseconds and bytes. */
export interface ImmichLimits {
  readonly connectMs: number;
  /** One small question or write, to the end of its answer. */
  readonly requestMs: number;
  /** One page of a search, and all people or albums: a thousand assets take a small server some seconds. */
  readonly searchMs: number;
  readonly previewMs: number;
  readonly jsonBytes: number;
  readonly previewBytes: number;
  /** Provenances that come within this time of each other go in one request. */
  readonly joinMs: number;
}

/** A preview has 0.3 to 1 MB, a page of a thousand assets 2 to 4 MB; the bounds only keep what is no Immich out of memory. */
export const immichLimits: ImmichLimits = {
  connectMs: 10_000,
  requestMs: 30_000,
  searchMs: 120_000,
  previewMs: 120_000,
  jsonBytes: 32 * 1_048_576,
  previewBytes: 64 * 1_048_576,
  joinMs: 50,
};
