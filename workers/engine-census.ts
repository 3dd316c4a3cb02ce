import type { LibraryRecord } from '../domain/ports.ts';
import type { Logger } from '../runtime/log.ts';

/** How many photos the folders hold, counted beside the work while passes go through them. */
export interface Census {
  /** As counted last; undefined until then, where the folder is away, and while no pass is under way. */
  photosIn(library: LibraryRecord, scanning: boolean): number | undefined;
}

export interface CensusDeps {
  readonly count: (library: LibraryRecord) => Promise<number>;
  readonly log: Logger;
  readonly now: () => number;
}

interface Counted {
  photos: number | undefined;
  /** Counted again from then on; never while a count is under way. */
  dueAt: number;
}

const leastPauseMs = 600_000;
const awayPauseMs = 60_000;
/** On a slow share a count takes minutes: it may take a twentieth of the time. */
const idleShare = 20;

export function createCensus({ count, log, now }: CensusDeps): Census {
  const libraries = new Map<string, Counted>();
  const countAgain = async (library: LibraryRecord, counted: Counted): Promise<void> => {
    const began = now();
    try {
      counted.photos = await count(library);
      counted.dueAt = now() + Math.max(leastPauseMs, (now() - began) * idleShare);
    } catch (error) {
      // The pass tells the person; here it only means that nobody knows how much is left.
      log.debug({ library: library.name, err: error }, 'A folder could not be counted');
      counted.photos = undefined;
      counted.dueAt = now() + awayPauseMs;
    }
  };
  return {
    photosIn(library, scanning) {
      if (!scanning) {
        libraries.delete(library.name);
        return undefined;
      }
      const counted = libraries.get(library.name) ?? { photos: undefined, dueAt: 0 };
      libraries.set(library.name, counted);
      if (now() >= counted.dueAt) {
        counted.dueAt = Infinity;
        void countAgain(library, counted);
      }
      return counted.photos;
    },
  };
}
