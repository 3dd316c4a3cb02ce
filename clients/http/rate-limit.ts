export interface RateLimit {
  /** Milliseconds until the next one is let through; 0: this one is. */
  readonly take: (address: string) => number;
}

export interface RateLimitOptions {
  /** So many at once, after a rest. */
  readonly burst: number;
  readonly perSecond: number;
  /** Of so many addresses the count is kept; the one that has been quiet the longest is forgotten. */
  readonly mostAddresses?: number;
  readonly now: () => number;
}

/** A bucket of tokens for each address: it fills with time, and each request takes one. */
export function createRateLimit({ burst, perSecond, mostAddresses = 1_000, now }: RateLimitOptions): RateLimit {
  const buckets = new Map<string, { readonly tokens: number; readonly at: number }>();
  return {
    take(address) {
      const at = now();
      const last = buckets.get(address) ?? { tokens: burst, at };
      // A clock that is set back fills nothing.
      const filled = Math.min(burst, last.tokens + (Math.max(0, at - last.at) * perSecond) / 1_000);
      const isLetThrough = filled >= 1;
      // Out and in again: the map's order is that of the last requests.
      buckets.delete(address);
      buckets.set(address, { tokens: isLetThrough ? filled - 1 : filled, at });
      const [oldest] = buckets.keys();
      if (buckets.size > mostAddresses && oldest !== undefined) buckets.delete(oldest);
      return isLetThrough ? 0 : Math.ceil(((1 - filled) / perSecond) * 1_000);
    },
  };
}
