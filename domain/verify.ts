/** What was written into libraries' own fields is looked at again. Times in milliseconds since 1970. */

/**
 * Which texts are looked at:
 * - fresh  written or put back, and not seen since: as soon as Immich's own jobs are through
 * - again  seen before: a later job of Immich may have lost them, or a person taken them out
 */
const verifyKinds = ['fresh', 'again'] as const;
export type VerifyKind = (typeof verifyKinds)[number];

/** Where looking goes on: the rows of this kind, behind that one. */
export interface VerifyPlace {
  readonly kind: VerifyKind;
  readonly after?: string;
}

/** What Immich's own jobs get: sidecars and extractions of a hundred writes stand in its queues for about that long. */
export const firstLookAfterMs = 120_000;
/** Each text is looked at so often at most. */
export const lookAgainAfterMs = 7 * 86_400_000;
/** Texts that are looked at again in one round: with one round in ten minutes 720,000 a day. */
export const againAtOnce = 5_000;

export interface VerifyTally {
  /** Texts that were looked at; those below are some of them. */
  readonly looked: number;
  readonly stands: number;
  /** Immich had lost them: they were written once more. */
  readonly putBack: number;
  /** Immich lost them, and they were not written again. */
  readonly wiped: number;
  /** A person took them out. */
  readonly cleared: number;
  /** A person's text stands there. */
  readonly edited: number;
  /** Empty, and nobody can tell whose doing it is: left as they are. */
  readonly unsure: number;
  /** There is no such photo any more. */
  readonly gone: number;
  /** In words, each once. */
  readonly problems: readonly string[];
  /** Libraries that could not be asked in this round. */
  readonly away: readonly string[];
}

export interface VerifyReport extends VerifyTally {
  readonly startedAt: number;
  /** Absent while it runs. */
  readonly endedAt?: number;
}

export interface VerifyPageInput extends VerifyPlace {
  /** When the round began. */
  readonly startedAt: number;
  /** Libraries that did not answer in this round. */
  readonly without: readonly string[];
}

export interface VerifyPageResult extends VerifyTally {
  /** Behind which row the next page begins; absent behind the last one of this kind. */
  readonly next?: string;
}

/** Key of the control fact that holds the latest report. */
export const verifyKey = 'verify';

export const nothingLookedAt: VerifyTally = {
  looked: 0,
  stands: 0,
  putBack: 0,
  wiped: 0,
  cleared: 0,
  edited: 0,
  unsure: 0,
  gone: 0,
  problems: [],
  away: [],
};

const keptProblems = 10;

export const addVerified = <T extends VerifyTally>(sum: T, more: VerifyTally): T => ({
  ...sum,
  looked: sum.looked + more.looked,
  stands: sum.stands + more.stands,
  putBack: sum.putBack + more.putBack,
  wiped: sum.wiped + more.wiped,
  cleared: sum.cleared + more.cleared,
  edited: sum.edited + more.edited,
  unsure: sum.unsure + more.unsure,
  gone: sum.gone + more.gone,
  problems: [...new Set([...sum.problems, ...more.problems])].slice(0, keptProblems),
  away: [...new Set([...sum.away, ...more.away])],
});

/** The kind that is looked at after this one; undefined behind the last. */
export const verifyKindAfter = (kind: VerifyKind): VerifyKind | undefined => verifyKinds[verifyKinds.indexOf(kind) + 1];

/** One line: what was found and what was done about it. */
export function verifiedInWords({ looked, ...tally }: VerifyTally): string {
  const parts = [
    [tally.stands, 'stand'],
    [tally.putBack, 'put back'],
    [tally.wiped, 'not kept by Immich'],
    [tally.cleared, 'cleared by a person'],
    [tally.edited, 'changed by a person'],
    [tally.unsure, 'empty, left as they are'],
    [tally.gone, 'whose photo is gone'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  return looked === 0
    ? 'no text was due'
    : `${looked} ${looked === 1 ? 'text' : 'texts'} looked at: ${said.join(', ')}`;
}
