import { clock } from '../domain/pause.ts';
import { reconcileKey, type ReconcileReport, reportInWords } from '../domain/reconcile.ts';
import { allEnded } from './all-ended.ts';
import type { Opened } from './open.ts';
import { reportSchema } from './reconciles.ts';
import { type StuckRuns, stuckInWords } from './stuck-runs.ts';

/** Runs that cannot go on, and what was found missing last. */
export interface RunHealth {
  /** Undefined while Temporal does not answer. */
  readonly stuck: StuckRuns | undefined;
  /** Undefined where nobody has looked yet. */
  readonly reconciled: ReconcileReport | undefined;
}

/** Everything but the stuck runs is known without Temporal. */
export async function runHealth({ facts, stuckRuns }: Pick<Opened, 'facts' | 'stuckRuns'>): Promise<RunHealth> {
  const looks = [stuckRuns().catch(() => undefined), lastReconcile({ facts })] as const;
  const [stuck, reconciled] = await allEnded(looks);
  return { stuck, reconciled };
}

export async function lastReconcile({ facts }: Pick<Opened, 'facts'>): Promise<ReconcileReport | undefined> {
  return reportSchema.safeParse((await facts.get(reconcileKey))?.value).data;
}

/** Knows the page of a run in the Web UI. */
type WebUi = Pick<Opened, 'pageOf'>;

/** For people, a line each. */
export function healthLines({ stuck, reconciled }: RunHealth, webUi: WebUi, now: number): string[] {
  const trouble = stuck === undefined ? undefined : stuckInWords(stuck);
  const page = stuck?.example === undefined ? undefined : webUi.pageOf(stuck.example.workflowId);
  return [
    ...(trouble === undefined ? [] : [`${trouble} ("darkroom doctor" says what to do)`]),
    ...(page === undefined ? [] : [`  ${page}`]),
    ...(reconciled === undefined ? [] : [reconciledInWords(reconciled, now)]),
  ];
}

export const reconciledInWords = (report: ReconcileReport, now: number): string =>
  `Last looked for what is missing at ${clock(report.endedAt ?? report.startedAt, now)}: ${reportInWords(report)}`;

/** For programs; `null` where it is not known. */
export function healthAsJson({ stuck, reconciled }: RunHealth, webUi: WebUi) {
  const example =
    stuck?.example === undefined ? undefined : { ...stuck.example, webUi: webUi.pageOf(stuck.example.workflowId) };
  return { stuck: stuck === undefined ? null : { ...stuck, example }, reconcile: reconciled ?? null };
}
