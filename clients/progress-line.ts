export interface LibraryCounts {
  readonly name: string;
  /** Photos by state (domain/asset.ts). */
  readonly counts: Readonly<Record<string, number>>;
  /** A pass through the folder is under way, so the total still grows. */
  readonly scanning: boolean;
}

/** One library in one line: what is done of what, what is not, how fast, and how long it takes at that speed. */
export function progressLine({ name, counts, scanning }: LibraryCounts, perMinute: number): string {
  const of = (state: string): number => counts[state] ?? 0;
  const left = of('new') + of('open') + of('waiting');
  const total = of('done') + of('parked') + left;
  const parts = [
    `${of('done')}/${total}${scanning ? '+' : ''} described`,
    ...counted(of('waiting'), 'waiting'),
    ...counted(of('parked'), 'parked'),
    ...counted(of('gone'), 'gone'),
    ...counted(of('unsupported'), 'not supported yet'),
    ...(perMinute > 0 && left > 0 ? [`${rate(perMinute)}/min`, `about ${span(left / perMinute)} left`] : []),
    ...(left === 0 && !scanning ? ['up to date'] : []),
  ];
  return `${name}  ${parts.join(' · ')}`;
}

const counted = (count: number, word: string): string[] => (count === 0 ? [] : [`${count} ${word}`]);
const rate = (perMinute: number): string => (perMinute >= 10 ? perMinute.toFixed(0) : perMinute.toFixed(1));

/** Minutes as a person says them: whole minutes, then hours, then days. */
export function span(minutes: number): string {
  if (minutes < 1.5) return '1 min';
  if (minutes < 90) return `${Math.round(minutes)} min`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h`;
  return `${Math.round(minutes / 1440)} days`;
}

/** Cut to the terminal's width, with a mark that something was cut. */
export const fit = (line: string, columns: number): string =>
  line.length <= columns ? line : `${line.slice(0, Math.max(1, columns - 1))}…`;
