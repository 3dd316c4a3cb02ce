import { type VerifyReport, verifiedInWords } from './verify.ts';

/** What became of the texts of one library of an Immich, by our rows. */
export interface PublishedCounts {
  readonly library: string;
  /** Stand there, as far as we know; of these `seen` were seen there afterwards. */
  readonly written: number;
  readonly seen: number;
  /** Somebody's own text stayed, or took the place of ours. */
  readonly kept: number;
  /** A person took it out. */
  readonly cleared: number;
  /** Immich did not keep it. */
  readonly wiped: number;
  /** The field is empty, and nobody can tell whose doing it is. */
  readonly unsure: number;
  readonly undone: number;
}

export interface PublishedQueries {
  /** Libraries without a text are left out. */
  published(): Promise<readonly PublishedCounts[]>;
}

type Grouped = (count: number) => string;

/** `1,190 written (1,180 of them seen there since), 3 taken out by people`; undefined where nothing was ever written. */
export function publishedInWords(counts: PublishedCounts, grouped: Grouped): string | undefined {
  const { written, seen, kept, cleared, wiped, unsure, undone } = counts;
  const parts = [
    [kept, 'where somebody wrote'],
    [cleared, 'taken out by people'],
    [undone, 'taken back'],
    [wiped, 'that Immich did not keep'],
    [unsure, 'that are gone, nobody knows why'],
  ] as const;
  if (written === 0 && parts.every(([count]) => count === 0)) return undefined;
  const said = parts.filter(([count]) => count > 0).map(([count, words]) => `${grouped(count)} ${words}`);
  const of = written === 0 ? '' : ` (${seen === written ? 'all' : grouped(seen)} seen there since)`;
  return [`texts in Immich: ${grouped(written)} written${of}`, ...said].join(', ');
}

/** What to do about texts that are not there; undefined where all is well. */
export function lostTextsTodo({ library, wiped, unsure }: PublishedCounts): string | undefined {
  const again = `darkroom put-back ${library} writes them once more`;
  if (wiped > 0)
    return (
      'Immich keeps descriptions in .xmp files beside the photos: mount the folder writable for Immich, or put a writable ' +
      `layer over it, or let Darkroom write by the database (docs/immich.md). Then ${again}.`
    );
  return unsure > 0 ? `If they should be there, ${again}.` : undefined;
}

/** One line about the last round, without its time. */
export const lastRoundInWords = ({ problems, ...report }: VerifyReport): string =>
  [verifiedInWords({ ...report, problems }), ...problems].join('. ');
