import { spanMs } from '../../domain/pause.ts';
import { type UndoChoice, undoneInWords, type UndoReport } from '../../domain/undo.ts';
import { followRun } from '../follow-run.ts';
import { isWholePass } from '../known-backfills.ts';
import { onePhoto } from '../one-photo.ts';
import type { Opened } from '../open.ts';
import { grouped, type Output, wrapped } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import { oneBackfill } from './backfills.ts';

export interface UndoFlags {
  readonly run?: string;
  readonly photo?: string;
  readonly library?: string;
  readonly since?: string;
}

export interface UndoOptions {
  readonly flags: UndoFlags;
  readonly dryRun: boolean;
  readonly limit: number | undefined;
  readonly json: boolean;
  /** One line that is written over; an empty one takes it away. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
  readonly lookEveryMs?: number;
}

export type UndoDeps = Pick<
  Opened,
  'assets' | 'backfills' | 'backfillStore' | 'pageOf' | 'queries' | 'undos' | 'undoable'
>;

/**
 * Puts back what stood in the library's field before, and waits for the end. Returns the exit code: 1 after Ctrl-C, which leaves
 * it to itself.
 */
export async function undo(opened: UndoDeps, out: Output, options: UndoOptions): Promise<number> {
  const { dryRun, limit, progress, signal, lookEveryMs, json } = options;
  const choice = await choiceOf(opened, options.flags, Date.now());
  const run = await opened.undos.begin({ choice, dryRun, limit });
  const page = opened.pageOf(run.workflowId);
  const report = await followRun(run, out, { progress, inWords: lookedAt, page, signal, lookEveryMs });
  if (report === undefined) return 1;
  if (json) out.json({ workflowId: run.workflowId, dryRun, ...report });
  else tell(out, report, dryRun);
  return 0;
}

const lookedAt = ({ looked, total }: UndoReport): string =>
  `${grouped(looked)}${total === undefined ? '' : ` of ${grouped(total)}`} looked at`;

const usage =
  'Which texts? --run <id> of a backfill or of one photo, --photo <photo>, or --library <name> --since <time>; one of them.';

async function choiceOf(opened: UndoDeps, { run, photo, library, since }: UndoFlags, now: number): Promise<UndoChoice> {
  if ([run, photo, library].filter((one) => one !== undefined).length !== 1) throw new UsageError(usage);
  if ((library === undefined) !== (since === undefined)) throw new UsageError(usage);
  if (run !== undefined) return await choiceOfRun(opened, run);
  if (photo !== undefined) {
    const { asset } = await onePhoto(opened.queries, photo);
    return { kind: 'photo', assetId: asset.assetId };
  }
  const known = (await opened.assets.libraries()).map(({ name }) => name);
  if (library === undefined || !known.includes(library))
    throw new UsageError(`There is no library ${library}. There are: ${known.join(', ')}.`);
  return { kind: 'since', library, from: momentOf(since ?? '', now) };
}

/** A run of one photo, by its whole id; else a backfill, by the end of its id. */
async function choiceOfRun(opened: UndoDeps, name: string): Promise<UndoChoice> {
  const ofRun: UndoChoice = { kind: 'run', runId: name };
  if ((await opened.undoable.count(ofRun)) > 0) return ofRun;
  const one = await oneBackfill(opened, name, 'all').catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(
      `${error.message} No run of a photo with this id has written a text that is still there, either.`,
    );
  });
  const { backfill, library, startedAt, endedAt } = one;
  if (!isWholePass(one)) return { kind: 'backfill', backfill };
  return { kind: 'pass', library, from: startedAt, ...(endedAt !== undefined && { to: endedAt }) };
}

/** A span before now, or a local time: `2h`, `2026-11-20`, `2026-11-20T18:00`. */
function momentOf(text: string, now: number): number {
  const span = spanMs(text);
  if (span !== undefined) return now - span;
  const at = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
  if (Number.isNaN(at))
    throw new UsageError(`--since is a span such as 2h, or a time such as 2026-11-20T18:00, not "${text}".`);
  return at;
}

function tell(out: Output, report: UndoReport, dryRun: boolean): void {
  const words = undoneInWords(report, dryRun);
  for (const line of wrapped(`${words.charAt(0).toUpperCase()}${words.slice(1)}.`, out.columns)) out.line(line);
  if (report.edited === 0) return;
  out.line('\nchanged since, and left as they are');
  for (const { library, path } of report.listed) out.line(`  ${library}/${path}`);
  if (report.edited > report.listed.length) out.line(`  and ${grouped(report.edited - report.listed.length)} more`);
}
