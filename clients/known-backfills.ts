import { type BackfillProgress, shortId, type Steering } from '../domain/backfill.ts';
import type { ChosenPhotos } from '../domain/contract.ts';
import { clock } from '../domain/pause.ts';
import { membersInWords, selectionInWords } from '../domain/selection.ts';
import { backfillWorkflowId } from '../workflows/messages.ts';
import type { Backfills, OpenBackfill } from './backfills.ts';

/** One that runs, or one that has ended. Times in milliseconds since 1970. */
export interface Known {
  readonly backfill: string;
  readonly workflowId: string;
  readonly library: string;
  readonly startedAt: number;
  readonly state: 'running' | 'paused' | 'draining' | 'finished' | 'cancelled';
  readonly endedAt?: number;
  readonly reason?: string;
  readonly chosen?: ChosenPhotos;
  /** Absent while no worker answers. */
  readonly progress?: BackfillProgress;
  readonly steering?: Steering;
}

export function runningOf({ view, ...one }: OpenBackfill): Known {
  if (view === undefined) return { ...one, state: 'running' };
  const { steering, chosen, since: _, ...progress } = view;
  const reason = steering.cancelled?.reason ?? steering.pause?.reason;
  const state = steering.cancelled !== undefined ? 'draining' : steering.pause !== undefined ? 'paused' : 'running';
  const about = { ...(chosen !== undefined && { chosen }), ...(reason !== undefined && { reason }) };
  return { ...one, state, progress, steering, ...about };
}

/** A pass through a whole library, which people call by the library's name. */
export const isWholePass = ({ workflowId, library }: Pick<Known, 'workflowId' | 'library'>): boolean =>
  workflowId === backfillWorkflowId(library);

export interface BackfillsNow {
  /** Undefined where Temporal does not answer. */
  readonly open: readonly Known[] | undefined;
  /** Those that start nothing more now, a line each. */
  readonly lines: readonly string[];
}

/** As for a look at pauses: they are a part of other answers, which must not wait long for a server that is away. */
const lookLimitMs = 2_000;

/** Backfills that run, and which of them are held. Never throws for Temporal being away; bounded where no worker answers. */
export async function backfillsNow({ backfills }: { backfills: Pick<Backfills, 'open'> }): Promise<BackfillsNow> {
  const found = await backfills.open({ limitMs: lookLimitMs }).catch(() => undefined);
  const open = found?.map(runningOf);
  const now = Date.now();
  return { open, lines: open?.flatMap((one) => heldInWords(one, now) ?? []) ?? [] };
}

/** One line, with what to say to it; undefined for one that goes on, or of which nobody knows because no worker answers. */
export function heldInWords(one: Known, now: number): string | undefined {
  const { backfill, library, state, reason, steering, chosen } = one;
  const name = isWholePass(one) ? library : shortId(backfill);
  const members = chosen === undefined ? undefined : membersInWords(chosen.selection);
  const photos = members === undefined ? '' : ` (photos ${members})`;
  const what = isWholePass(one) ? `backfill ${library}` : `backfill ${name} of ${library}${photos}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  const until = steering?.pause?.until;
  const end = until === undefined ? '' : ` until ${clock(until, now)}`;
  if (state === 'paused') return `${what} paused${why}${end}: darkroom backfills resume ${name}`;
  return state === 'draining' ? `${what} was cancelled${why}: it starts nothing more and ends` : undefined;
}

/** For programs: without its counts, which "darkroom backfills --json" has. */
export const backfillAsJson = ({
  backfill,
  workflowId,
  library,
  startedAt,
  state,
  reason,
  steering,
  chosen,
}: Known) => ({
  backfill,
  workflowId,
  library,
  choice: chosen === undefined ? undefined : selectionInWords(chosen.selection),
  startedAt,
  state,
  reason,
  until: steering?.pause?.until,
});
