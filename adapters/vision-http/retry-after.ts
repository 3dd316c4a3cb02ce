/** What a host says about when to come back. */
export interface RetryHeaders {
  /** Seconds, or a date. */
  readonly retryAfter?: string | undefined;
  /** Milliseconds; sent beside the other one by OpenAI and Azure, and more exact. */
  readonly retryAfterMs?: string | undefined;
}

const plainNumber = /^\s*\d+(\.\d+)?\s*$/;

/** Milliseconds to wait; undefined where the headers say nothing that can be understood. */
export function waitOf({ retryAfter, retryAfterMs }: RetryHeaders, now: number): number | undefined {
  if (retryAfterMs !== undefined && plainNumber.test(retryAfterMs)) return Number(retryAfterMs);
  if (retryAfter === undefined || retryAfter.trim() === '') return undefined;
  const wait = plainNumber.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
