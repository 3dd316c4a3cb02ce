/** What `status` asks of our own rows about Immich libraries. */
export interface ImmichStatusQueries {
  /** By library, the most frequent first. */
  skipReasons(): Promise<readonly SkipReason[]>;
  /** By library: texts that were made and are not to be written yet. Libraries without one are left out. */
  heldTexts(): Promise<readonly HeldCount[]>;
}

export interface SkipReason {
  readonly library: string;
  /** In words: `it has a text that somebody wrote`. */
  readonly reason: string;
  readonly count: number;
}

interface HeldCount {
  readonly library: string;
  readonly count: number;
}

/** Key of the fact under which an engine tells whose library it is, as Immich told. */
export const ownerKey = (library: string): string => `immich/${library}`;

/** `1,204 skipped: 1,190 because it has a text that somebody wrote, 14 because it is hidden`; undefined where none is. */
export function skippedInWords(
  reasons: readonly Pick<SkipReason, 'reason' | 'count'>[],
  grouped: (count: number) => string,
): string | undefined {
  const all = reasons.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return undefined;
  const parts = reasons.map(({ reason, count }) => `${grouped(count)} ${plural(reason, count)}`);
  return `${grouped(all)} skipped: ${parts.join(', ')}`;
}

/** Reasons are told of one photo: `it is hidden, as …`. Of several: `are hidden`. */
function plural(reason: string, count: number): string {
  const short = reason.replace(/, as .*$/, '');
  if (short.startsWith('its ')) return `whose ${short.slice('its '.length)}`;
  if (!short.startsWith('it ')) return short;
  const said = short.slice('it '.length);
  if (count === 1) return said;
  return said
    .replace(/^is a partner's photo$/, "are a partner's photos")
    .replace(/^is no photo$/, 'are no photos')
    .replace(/^is /, 'are ')
    .replace(/^has /, 'have ');
}
