import { holdingAt, type KeptPause, keptInWords } from '../domain/kept-pause.ts';
import { type PausedQueue, pausesInWords } from '../domain/pause.ts';
import { type PlannedPause, plansInWords } from '../domain/planned-pause.ts';
import { allEnded } from './all-ended.ts';
import type { Opened } from './open.ts';

export interface KnownPauses {
  /** What begins nothing now, or is planned to, and why; one line each. Or why that is not known. */
  readonly lines: readonly string[];
  /** Undefined where Temporal does not answer: everything else is known without it. */
  readonly queues: readonly PausedQueue[] | undefined;
  /** Those that begin later. */
  readonly planned: readonly PlannedPause[];
  readonly libraries: readonly KeptPause[];
  readonly hosts: readonly KeptPause[];
}

export interface PauseSources {
  readonly pauses: Pick<Opened['pauses'], 'look'>;
  readonly kept: Pick<Opened['kept'], 'look'>;
  readonly planned: Pick<Opened['planned'], 'look'>;
}

/** Pauses of queues, libraries and hosts, and those that are planned. Never throws for Temporal being away. */
export async function knownPauses({ pauses, kept, planned }: PauseSources): Promise<KnownPauses> {
  const looking = pauses.look().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  const [queues, facts, plans] = await allEnded([looking, kept.look(), planned.look()] as const);
  const now = Date.now();
  const holding = holdingAt(facts.pauses, now);
  const known = typeof queues !== 'string';
  return {
    lines: [
      ...(known ? pausesInWords(queues, now) : [`Pauses are not known: ${queues}`]),
      ...plansInWords(plans, now, known ? queues : []),
      ...holding.map((one) => keptInWords(one, now)),
    ],
    queues: known ? queues : undefined,
    planned: plans,
    libraries: holding.filter(({ target }) => target.kind === 'library'),
    hosts: holding.filter(({ target }) => target.kind === 'host'),
  };
}

/** For programs: the name of what is paused, and the pause. */
export const asJson = ({ target, ...pause }: KeptPause) => ({ name: target.name, ...pause });
