import { patched } from '@temporalio/workflow';

/**
 * Every change of a workflow's steps since the first release, by name. A run that had passed the place before the change goes
 * on without it; one that comes there later takes it, and the name stands in its history. A name is never used again, and its
 * old branch goes only when no run of that time can be open any more (docs/decisions/changing-workflows.md).
 */
const patches = {
  /** 0.2.0: a backfill keeps what it did in the database when it ends. */
  keepBackfill: 'keep-backfill',
  /** 0.2.0: a run of a backfill continues as a new one long before Temporal suggests it. */
  shortRuns: 'short-runs',
  /** 0.2.0: a wish that comes while a backfill keeps what it did is fulfilled by one more pass. */
  wishAtTheEnd: 'wish-at-the-end',
} as const;

export const isPatched = (name: keyof typeof patches): boolean => patched(patches[name]);
