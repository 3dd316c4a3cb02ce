import type { VisionHost } from '../../domain/vision-host.ts';

/** What a host may be asked for by the person's own caps: requests per minute and tokens per day (UTC). */
export interface Budget {
  /** Undefined where a call may begin now; else when one may, and why not before. */
  wait(now: number): { until: number; reason: string } | undefined;
  begun(now: number): void;
  spent(tokens: number, now: number): void;
  /** Since midnight UTC. */
  tokensToday(now: number): number;
}

type Caps = Pick<VisionHost, 'requestsPerMinute' | 'tokensPerDay'>;

const minuteMs = 60_000;
const dayMs = 86_400_000;

export const startOfDay = (now: number): number => now - (now % dayMs);

/** `caps` is asked each time, because a reload may change them. */
export function createBudget(caps: () => Caps): Budget {
  /** Beginnings of the last minute, oldest first. */
  const begun: number[] = [];
  let day = 0;
  let tokens = 0;
  const today = (now: number): number => {
    if (startOfDay(now) > day) {
      day = startOfDay(now);
      tokens = 0;
    }
    return tokens;
  };
  return {
    wait(now) {
      const { requestsPerMinute, tokensPerDay } = caps();
      if (tokensPerDay !== undefined && today(now) >= tokensPerDay) {
        const reason = `has used its ${tokensPerDay} tokens of today (tokensPerDay); goes on at midnight UTC`;
        return { until: startOfDay(now) + dayMs, reason };
      }
      if (requestsPerMinute === undefined) return undefined;
      while (begun.length > 0 && now - (begun[0] ?? now) >= minuteMs) begun.shift();
      const oldest = begun[begun.length - requestsPerMinute];
      if (oldest === undefined) return undefined;
      const reason = `has had its ${requestsPerMinute} requests of this minute (requestsPerMinute)`;
      return { until: oldest + minuteMs, reason };
    },
    begun(now) {
      if (caps().requestsPerMinute !== undefined) begun.push(now);
    },
    spent(more, now) {
      tokens = today(now) + more;
    },
    tokensToday: today,
  };
}
