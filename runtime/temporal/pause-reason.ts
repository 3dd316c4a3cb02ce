import { tsToMs } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { z } from 'zod';
import { firstCharacters, oneLine } from '../../domain/one-line.ts';
import type { Pause, PausedQueue } from '../../domain/pause.ts';

type Config = temporal.api.taskqueue.v1.TaskQueueConfig.$Properties | null | undefined;

/** What the server keeps for a queue. */
export interface QueueState {
  readonly queue: string;
  readonly paused?: PausedQueue;
  /** Tasks per second that somebody set for the queue, now or before it was paused. */
  readonly limit?: number;
}

/** The server hands out nothing at this rate or a lower one. */
const nothing = 1e-9;

/** Anybody who reaches the server can write a reason: nothing in it may reach a terminal but words. */
const words = (text: string): string => firstCharacters(oneLine(text), 300);
const time = z.iso.datetime().transform((text) => Date.parse(text));
const reasonSchema = z.object({
  id: z.string().min(1),
  by: z.string().transform(words),
  why: z.string().transform(words).optional(),
  since: time,
  until: time.optional(),
  limit: z.number().positive().optional(),
});

/** A pause as the reason of a rate limit, where Temporal's own tools show it. */
export function reasonOf({ id, by, why, since, until }: Pause, limit: number | undefined): string {
  const iso = (at: number) => new Date(at).toISOString();
  return JSON.stringify({ id, by, why, since: iso(since), until: until === undefined ? undefined : iso(until), limit });
}

/** A rate of 0 arrives as an empty `rateLimit`: that it is there counts, not its value. */
export function stateOf(queue: string, config: Config): QueueState {
  const { rateLimit, metadata } = config?.queueRateLimit ?? {};
  if (rateLimit === undefined || rateLimit === null) return { queue };
  const rate = rateLimit.requestsPerSecond ?? 0;
  if (rate > nothing) return { queue, limit: rate };
  const ours = parse(metadata?.reason ?? '');
  if (ours !== undefined) {
    const { limit, why, until, ...rest } = ours;
    const paused = { queue, ...rest, ...(why !== undefined && { why }), ...(until !== undefined && { until }) };
    return { queue, paused, ...(limit !== undefined && { limit }) };
  }
  return { queue, paused: foreign(queue, metadata) };
}

function parse(reason: string): z.output<typeof reasonSchema> | undefined {
  try {
    return reasonSchema.safeParse(JSON.parse(reason)).data;
  } catch {
    return undefined;
  }
}

function foreign(queue: string, metadata: temporal.api.taskqueue.v1.ConfigMetadata.$Properties | null | undefined) {
  const { updateIdentity, reason, updateTime } = metadata ?? {};
  return {
    queue,
    by: words(updateIdentity ?? '') || 'somebody',
    ...(reason && { why: words(reason) }),
    ...(updateTime && { since: tsToMs(updateTime) }),
  };
}
