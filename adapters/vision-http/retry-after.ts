/** What a host says about when to come back. */
export interface RetryHeaders {
  /** Seconds, or a date. */
  readonly retryAfter?: string | undefined;
  /** Milliseconds; sent beside the other one by OpenAI and Azure, and more exact. */
  readonly retryAfterMs?: string | undefined;
}

const plainNumber = /^\s*\d+(\.\d+)?\s*$/;

/** A week. A timer of more than 24.8 days ends at once, and a rest outlives restarts: one odd header must not be for ever. */
const longestMs = 7 * 24 * 3_600_000;

/** Milliseconds to wait, whole and at most a week; undefined where the headers say nothing that can be understood. */
export const waitOf = ({ retryAfter = '', retryAfterMs = '' }: RetryHeaders, now: number): number | undefined =>
  [numberIn(retryAfterMs), numberIn(retryAfter) * 1000, Date.parse(retryAfter) - now]
    .filter((wait) => Number.isFinite(wait))
    .map((wait) => Math.min(longestMs, Math.max(0, Math.ceil(wait))))
    .at(0);

const numberIn = (text: string): number => (plainNumber.test(text) ? Number(text) : Number.NaN);
