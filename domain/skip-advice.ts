import { leftOutWords } from './immich-rules.ts';
import type { WritePolicy } from './write-policy.ts';

export interface SkipFacts {
  /** Undefined where this process does not know it. */
  readonly policy: WritePolicy | undefined;
}

/** What a person may change so that a photo is described that was left alone. Undefined where nothing is to be changed. */
export function skipAdvice(why: string, { policy }: SkipFacts): string | undefined {
  const now = policy === undefined ? 'OVERWRITE_POLICY' : `OVERWRITE_POLICY, which is ${policy},`;
  if (why === leftOutWords['not-an-image']) return 'Videos are described by their posters with IMMICH_VIDEOS=on.';
  if (why === leftOutWords.hidden) return 'Make it visible in Immich to have it described.';
  if (why === leftOutWords.locked)
    return 'Darkroom has no way to it; take it out of the locked folder in Immich first.';
  if (why === leftOutWords.partner)
    return 'Add a key of its owner to IMMICH_API_KEY: each user has a library of their own.';
  if (/\[AI\]/.test(why))
    return `${now} leaves it alone; all and preserve-human put a new text in the place of the block.`;
  if (/somebody wrote|own text/.test(why)) {
    return `${now} leaves it alone; preserve-human puts ours below it, all puts it in its place.`;
  }
  return undefined;
}
