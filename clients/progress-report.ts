import { z } from 'zod';
import { hostReportFreshMs } from '../domain/host-report.ts';
import { type LibraryProgress, progressKey } from '../domain/progress.ts';
import type { LibraryCounts } from '../domain/status.ts';
import { recipesOfPasses } from './host-report.ts';
import type { Opened } from './open.ts';

const report = z.object({
  libraries: z.array(
    z.object({
      name: z.string(),
      scanning: z.boolean(),
      inFolder: z.number().optional(),
      heldBack: z.string().optional(),
      eta: z.object({ ms: z.number(), hosts: z.number(), unmeasured: z.number() }).optional(),
    }),
  ),
});

export interface LibraryNow extends LibraryProgress {
  readonly id: string;
  readonly root: string;
  /** Absent: a folder. */
  readonly kind?: 'immich';
  readonly counts: LibraryCounts['counts'];
}

interface ProgressSources extends Pick<Opened, 'facts'> {
  readonly queries: Pick<Opened['queries'], 'counts'>;
}

/** Where the libraries stand: counted now, with what the engine has told of them within the last half minute. */
export async function librariesNow({ queries, facts }: ProgressSources): Promise<readonly LibraryNow[]> {
  const [counted, fact] = await Promise.all([
    recipesOfPasses({ facts }).then((wanted) => queries.counts(wanted)),
    facts.get(progressKey),
  ]);
  const isFresh = fact !== undefined && Date.now() - fact.updated < hostReportFreshMs;
  const told = isFresh ? (report.safeParse(fact.value).data?.libraries ?? []) : [];
  return counted.map(({ library: { id, name, root, kind }, counts, outdated, peopleChanged }) => {
    const more = told.find((one) => one.name === name) ?? { scanning: false };
    return { ...more, id, name, root, ...(kind !== undefined && { kind }), counts, outdated, peopleChanged };
  });
}
