import type { AcquireInput } from '../../domain/host-ports.ts';
import { activeEntries, type Entry, freeSlots, needsCanary } from './entry.ts';
import { isOnTrial } from './host-health.ts';

export interface Choice {
  /** Has a slot for this photo now. */
  readonly take?: Entry;
  /** The photo has to be alone: this one is to be emptied for it. */
  readonly emptyFirst?: Entry;
  /** Would be tried again, but not with the photo that made them fail. */
  readonly trials: readonly Entry[];
}

/**
 * The free host that has waited longest, among those that have one of the photo's models. Hosts to avoid only where no
 * other is well; a host on trial never gets the photo that opened its breaker.
 */
export function choose(
  entries: readonly Entry[],
  { models, photo, exclude }: Pick<AcquireInput, 'models' | 'photo' | 'exclude'>,
  { alone, now }: { alone: boolean; now: number },
): Choice {
  const able = activeEntries(
    entries.filter(({ canonical }) => models.includes(canonical)),
    now,
  );
  const trials = able.filter((entry) => isOnTrial(entry.health) && entry.openedBy === photo);
  const others = able.filter((entry) => !trials.includes(entry) && !needsCanary(entry));
  const wanted = others.filter(({ host }) => !exclude.includes(host.label));
  const group = wanted.length > 0 ? wanted : others;
  const longest = (a: Entry, b: Entry) => a.turn - b.turn;
  if (!alone) {
    const take = group.filter((entry) => freeSlots(entry, now) > 0).sort(longest)[0];
    return take === undefined ? { trials } : { take, trials };
  }
  const emptiest = group
    .filter(({ shared, taken }) => (shared.reservedFor ?? photo) === photo && !taken)
    .sort((a, b) => toEmpty(a, photo) - toEmpty(b, photo) || longest(a, b))[0];
  if (emptiest === undefined) return { trials };
  return emptiest.shared.running.size === 0 ? { take: emptiest, trials } : { emptyFirst: emptiest, trials };
}

/** An empty host first, then the one that is being emptied already, then the one that does least. */
const toEmpty = ({ shared: { running, reservedFor } }: Entry, photo: string): number =>
  running.size > 0 && reservedFor === photo ? 0.5 : running.size;
