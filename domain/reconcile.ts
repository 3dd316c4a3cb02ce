import type { AssetRef, AssetState } from './asset.ts';

/**
 * Where something may be missing:
 * - begun  a row says that a run is open, and there is none (lost with Temporal's files, terminated by hand)
 * - new    no run yet, and no pass will bring one: the file went before its run, or it belongs to no library
 */
const missingKinds = ['begun', 'new'] as const;
export type MissingKind = (typeof missingKinds)[number];

/** Where looking goes on: the rows of this kind, behind that key. */
export interface ReconcilePlace {
  readonly kind: MissingKind;
  readonly after?: string;
}

export interface MissingTally {
  /** Rows that were looked at. */
  readonly looked: number;
  /** Runs that were started because there was none. */
  readonly started: number;
  /** Of those: their file is gone, and the run ends saying so. */
  readonly gone: number;
  /** What could not be looked at or started, in words. */
  readonly problems: readonly string[];
}

export interface ReconcileReport extends MissingTally {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Absent while it runs. */
  readonly endedAt?: number;
  /** Libraries through which a pass was started. */
  readonly passes: readonly string[];
}

/** One row whose run may be missing. */
export interface MissingPhoto {
  readonly asset: AssetRef;
  readonly rawPath: Uint8Array;
  readonly state: AssetState;
}

/** What our rows say of runs that should be there. Every method is one idempotent statement. */
export interface MissingStore {
  /** Rows of a kind that nothing has touched for `quietMs` by the database's clock, in the order of their keys. */
  page(input: ReconcilePlace & { readonly limit: number; readonly quietMs: number }): Promise<readonly MissingPhoto[]>;
  /** Those of these rows that are still of that kind. */
  still(kind: MissingKind, assetIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Names of libraries whose latest pass somebody cancelled. */
  cancelledPasses(): Promise<ReadonlySet<string>>;
  /** Under `reconcileKey`; an older report never replaces a newer one. */
  keep(report: ReconcileReport): Promise<void>;
}

/** Key of the control fact that holds the latest report. */
export const reconcileKey = 'reconcile';

const keptProblems = 10;

export const nothingMissing = (startedAt: number): ReconcileReport => ({
  startedAt,
  looked: 0,
  started: 0,
  gone: 0,
  passes: [],
  problems: [],
});

/** The sum, and each problem once. */
export function addMissing<T extends MissingTally>(sum: T, more: MissingTally): T {
  return {
    ...sum,
    looked: sum.looked + more.looked,
    started: sum.started + more.started,
    gone: sum.gone + more.gone,
    problems: [...new Set([...sum.problems, ...more.problems])].slice(0, keptProblems),
  };
}

/** The kind that is looked at after this one; undefined behind the last. */
export const kindAfter = (kind: MissingKind): MissingKind | undefined => missingKinds[missingKinds.indexOf(kind) + 1];

/** One line: what was missing and what was done about it. */
export function reportInWords({ started, gone, passes }: ReconcileReport): string {
  const again = started - gone;
  const parts = [
    ...(again > 0 ? [`${again} started again`] : []),
    ...(gone > 0 ? [`${gone} whose file is gone`] : []),
    ...(passes.length > 0 ? [`a pass through ${passes.join(', ')}`] : []),
  ];
  return started === 0 ? ['no run was missing', ...parts].join('; ') : parts.join('; ');
}
