import { clock, type Pause } from './pause.ts';

/** What is paused in the database and not by a queue of Temporal's: one library, or one vision host by its label. */
export interface PauseTarget {
  readonly kind: 'library' | 'host';
  readonly name: string;
}

export interface KeptPause extends Pause {
  readonly target: PauseTarget;
}

export interface KeptFacts {
  /** Those that are over by now are among them: whoever reads goes by their own clock. */
  readonly pauses: readonly KeptPause[];
  /** By the label of a host, the id of the last resume: a host that asked to be left alone is to be asked then. */
  readonly resumed: ReadonlyMap<string, string>;
}

/** Pauses of libraries and hosts, in the database. Every method may be called again with the same effect. */
export interface KeptPauses {
  look(): Promise<KeptFacts>;
  /** Replaces the pause that is there, and returns it. */
  pause(target: PauseTarget, pause: Pause): Promise<KeptPause | undefined>;
  /** Ends the pause that is there, and returns it. `id` tells this resume from others. */
  resume(target: PauseTarget, id: string): Promise<KeptPause | undefined>;
}

/** Those that hold at `now`. */
export const holdingAt = (pauses: readonly KeptPause[], now: number): KeptPause[] =>
  pauses.filter(({ until }) => until === undefined || until > now);

export const holdingFor = (pauses: readonly KeptPause[], target: PauseTarget, now: number): KeptPause | undefined =>
  holdingAt(pauses, now).find((one) => one.target.kind === target.kind && one.target.name === target.name);

/** One line: what is paused, by whom, why, since when and until when. */
export const keptInWords = (pause: KeptPause, now: number): string =>
  `${pause.target.kind} ${pause.target.name} ${heldInWords(pause, now)}`;

/** The same without what it is. */
export function heldInWords({ target, by, why, since, until }: KeptPause, now: number): string {
  const reason = why === undefined ? '' : ` (${why})`;
  const end = until === undefined ? `"darkroom resume --${target.kind} ${target.name}"` : clock(until, now);
  return `paused by ${by}${reason} since ${clock(since, now)}, until ${end}`;
}
