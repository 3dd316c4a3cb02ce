import { z } from 'zod';
import { clock } from '../../domain/pause.ts';
import { lastRoundInWords, lostTextsTodo, type PublishedCounts, publishedInWords } from '../../domain/published.ts';
import { verifyKey, type VerifyReport } from '../../domain/verify.ts';
import type { Opened } from '../open.ts';
import { grouped } from '../output.ts';

const count = z.number();
/** As it stands in the database. */
const reportSchema = z.object({
  startedAt: count,
  endedAt: count.exactOptional(),
  looked: count,
  stands: count,
  putBack: count,
  wiped: count,
  cleared: count,
  edited: count,
  unsure: count,
  gone: count,
  problems: z.array(z.string()),
  away: z.array(z.string()),
}) satisfies z.ZodType<VerifyReport>;

/** The last round; undefined where there was none yet. */
export const lastVerified = async (facts: Pick<Opened['facts'], 'get'>): Promise<VerifyReport | undefined> =>
  reportSchema.safeParse((await facts.get(verifyKey))?.value).data;

/** What became of the texts of one library, when they were looked at, and what is to be done. */
export function publishedLines(
  counts: PublishedCounts | undefined,
  last: VerifyReport | undefined,
  now: number,
): string[] {
  const words = counts === undefined ? undefined : publishedInWords(counts, grouped);
  if (counts === undefined || words === undefined) return [];
  const todo = lostTextsTodo(counts);
  const at = last === undefined ? undefined : `looked at again ${clock(last.endedAt ?? last.startedAt, now)}`;
  return [
    at === undefined ? words : `${words}; ${at}`,
    ...(last?.problems.filter((problem) => problem.startsWith(`${counts.library}:`)) ?? []),
    ...(todo === undefined ? [] : [todo]),
  ];
}

export interface LastRound {
  readonly counts: readonly PublishedCounts[];
  readonly last: VerifyReport | undefined;
  /** IMMICH_VERIFY_MIN. */
  readonly everyMin: number;
  readonly now: number;
}

/** Three of the schedule's times went by without an end. */
const missedRounds = 3;

/** For `doctor`: is it looked after, and what is lost? */
export function roundFindings({ counts, last, everyMin, now }: LastRound) {
  const about = 'written texts';
  if (counts.length === 0) return [];
  const lost = counts.flatMap((one) => {
    const todo = lostTextsTodo(one);
    const detail = `${one.library}: ${publishedInWords(one, grouped) ?? ''}`;
    return todo === undefined ? [] : [{ about, level: 'wrong' as const, detail, todo }];
  });
  return [roundFinding({ last, everyMin, now }), ...lost];
}

function roundFinding({ last, everyMin, now }: Omit<LastRound, 'counts'>) {
  const about = 'written texts';
  const off = everyMin === 0 ? '; that is off (IMMICH_VERIFY_MIN=0)' : '';
  const todo = 'It is done every IMMICH_VERIFY_MIN minutes while "darkroom up" or a worker runs.';
  if (last === undefined) return { about, level: 'note' as const, detail: `not looked at again yet${off}`, todo };
  const at = last.endedAt ?? last.startedAt;
  const detail = `looked at again at ${clock(at, now)}: ${lastRoundInWords(last)}${off}`;
  const isLate = everyMin > 0 && now - at > missedRounds * everyMin * 60_000;
  if (isLate) return { about, level: 'note' as const, detail: `${detail}. That is long ago`, todo };
  return { about, level: last.problems.length > 0 ? ('note' as const) : ('ok' as const), detail };
}
