import { Client, Connection } from '@temporalio/client';
import { connect } from '../../adapters/postgres/connection.ts';
import { createControlFacts } from '../../adapters/postgres/control-facts.ts';
import type { Finding } from '../../domain/checkup.ts';
import { clock } from '../../domain/pause.ts';
import { type DatabaseTarget, postgresOptions } from '../../runtime/database/target.ts';
import { connectOptions } from '../../runtime/temporal/connect.ts';
import { lastReconcile, reconciledInWords } from '../run-health.ts';
import { lookForStuck, type StuckRuns, stuckInWords, stuckQuery } from '../stuck-runs.ts';
import type { TemporalPlace } from './services.ts';

/** Two of the schedule's times went by without an end of it. */
const missedRounds = 2;

/** Are there runs that cannot go on? Nothing where Temporal does not answer: that is told elsewhere. */
export async function stuckRuns({ env, embedded }: TemporalPlace, uiUrl: string | undefined): Promise<Finding[]> {
  const { connectionOptions, namespace } = await connectOptions({ env, ...(embedded !== undefined && { embedded }) });
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: '5 seconds' }).catch(
    () => undefined,
  );
  if (connection === undefined) return [];
  try {
    const stuck = await lookForStuck(new Client({ connection, namespace }), 5_000);
    const page = (id: string) =>
      uiUrl === undefined ? '' : ` ${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(id)}`;
    return [stuckFinding(stuck, { address: connectionOptions.address, namespace, page, now: Date.now() })];
  } finally {
    await connection.close();
  }
}

export interface StuckPlace {
  readonly address: string;
  readonly namespace: string;
  /** Of a run in the Web UI, with a space before it; empty for a server that is not ours. */
  readonly page: (workflowId: string) => string;
  readonly now: number;
}

export function stuckFinding(stuck: StuckRuns, { address, namespace, page, now }: StuckPlace): Finding {
  const about = 'stuck runs';
  const words = stuckInWords(stuck);
  if (words === undefined) return { about, level: 'ok', detail: 'none' };
  const { example } = stuck;
  const more =
    example === undefined
      ? ''
      : ` (${example.type}, begun ${clock(example.startedAt, now)}, ${example.problems.join(', ')})${page(example.workflowId)}`;
  const reset = `temporal workflow reset --address ${address} --namespace ${namespace} --query "${stuckQuery}" --type FirstWorkflowTask --reason "begun by another version" --yes`;
  const todo =
    'Go back to the version of Darkroom that began them (CHANGELOG.md says what each does to running workflows), or let them ' +
    `begin anew, which repeats no finished call: ${reset} (the Web UI has Reset for a single one). ` +
    'Whoever changes workflows finds out beforehand: npm run test:replay.';
  return { about, level: 'wrong', detail: `${words}${more}`, todo };
}

/** When was it last looked for what is missing? Only of a running `up` or worker, which does it. */
export async function lastLook(target: DatabaseTarget, everyMin: number): Promise<Finding[]> {
  const database = connect(postgresOptions(target, { max: 1 }), { max: 1, limitMs: 5_000 });
  try {
    const report = await lastReconcile({ facts: createControlFacts({ database }) });
    return [lookFinding(report, everyMin, Date.now())];
  } catch {
    // The database is away, or has no tables yet: that is told elsewhere.
    return [];
  } finally {
    await database.close();
  }
}

export function lookFinding(report: Awaited<ReturnType<typeof lastReconcile>>, everyMin: number, now: number): Finding {
  const about = 'reconcile';
  const todo = 'darkroom reconcile looks now.';
  const off = everyMin === 0 ? '; it is off (DARKROOM_RECONCILE_MIN=0)' : '';
  if (report === undefined) return { about, level: 'note', detail: `nothing was looked for yet${off}`, todo };
  const detail = [`${reconciledInWords(report, now)}${off}`, ...report.problems].join('. ');
  const isLate = everyMin > 0 && now - (report.endedAt ?? report.startedAt) > missedRounds * everyMin * 60_000;
  return isLate || report.problems.length > 0
    ? { about, level: 'note', detail: isLate ? `${detail}. That is long ago` : detail, todo }
    : { about, level: 'ok', detail };
}
