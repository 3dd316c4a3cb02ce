import { etaInWords } from '../domain/eta.ts';
import { type LibraryProgress, standing } from '../domain/progress.ts';
import { grouped } from './output.ts';

export interface Meanwhile {
  /** Descriptions per minute, over all libraries; 0 where that is not known. */
  readonly perMinute: number;
  /** Something is paused: nobody can tell when it goes on. */
  readonly isPaused: boolean;
}

/** One library in one line: what is done of what, how long it takes, and where the others are. */
export function progressLine(library: LibraryProgress, { perMinute, isPaused }: Meanwhile): string {
  const { described, inFlight, waiting, parked, notStarted, total, isGrowing, left } = standing(library);
  const { counts, outdated, peopleChanged, scanning, heldBack, eta } = library;
  const isHeld = isPaused || heldBack !== undefined;
  const parts = [
    `${grouped(described)}/${grouped(total)}${isGrowing ? '+' : ''} described`,
    ...(eta !== undefined && left > 0 ? [`${etaInWords(eta)}${isPaused ? ', while nothing is paused' : ''}`] : []),
    ...(perMinute > 0 && left > 0 && !isHeld ? [`${rate(perMinute)}/min`] : []),
    ...counted(inFlight, 'in flight'),
    ...counted(waiting, 'waiting'),
    ...counted(parked, 'parked'),
    ...counted(notStarted, 'not started'),
    ...(scanning ? [] : counted(outdated?.done ?? 0, 'under former settings')),
    ...counted(peopleChanged ?? 0, 'outdated: people were named since'),
    ...counted(counts['gone'] ?? 0, 'gone'),
    ...counted(counts['unsupported'] ?? 0, 'not supported yet'),
    ...counted(counts['skipped'] ?? 0, 'skipped'),
    ...(left === 0 && !scanning && heldBack === undefined ? ['up to date'] : []),
  ];
  return `${library.name}  ${parts.join(' · ')}`;
}

const counted = (count: number, word: string): string[] => (count === 0 ? [] : [`${grouped(count)} ${word}`]);
const rate = (perMinute: number): string => (perMinute >= 10 ? perMinute.toFixed(0) : perMinute.toFixed(1));

/** What keeps passes from starting more, each reason once, with the libraries that it concerns. */
export function heldBackLines(libraries: readonly LibraryProgress[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const { name, heldBack } of libraries) {
    if (heldBack !== undefined) reasons.set(heldBack, [...(reasons.get(heldBack) ?? []), name]);
  }
  return [...reasons].map(([reason, names]) => `nothing more is started in ${names.join(', ')}: ${reason}`);
}

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
