import { progressInWords, shortId } from '../../domain/backfill.ts';
import type { TakenPhoto } from '../../domain/backfill-store.ts';
import { clock } from '../../domain/pause.ts';
import { photoInWords } from '../../domain/photo-name.ts';
import type { LibraryRecord } from '../../domain/ports.ts';
import { selectionInWords } from '../../domain/selection.ts';
import { isWholePass, type Known, runningOf } from '../known-backfills.ts';
import type { Opened } from '../open.ts';
import { type Output, wrapped } from '../output.ts';
import { span } from '../progress-line.ts';
import { cellLines } from '../text-columns.ts';
import { UsageError } from '../usage-error.ts';

export type BackfillsDeps = Pick<Opened, 'backfills' | 'backfillStore'>;

/** Those that run and the last that ended, the latest first. */
async function knownBackfills({ backfills, backfillStore }: BackfillsDeps, limit: number): Promise<Known[]> {
  const [open, ended] = await Promise.all([backfills.open(), backfillStore.ended(limit)]);
  const running = open.map(runningOf);
  const isOpen = new Set(running.map(({ backfill }) => backfill));
  const over = ended
    .filter(({ backfill }) => !isOpen.has(backfill))
    .map(({ outcome, ...end }) => ({ ...end, state: outcome }));
  return [...running, ...over].toSorted((a, b) => b.startedAt - a.startedAt).slice(0, limit);
}

/** By the end of its id, by its workflow id, or by the library that it passes through. Throws UsageError. */
export async function oneBackfill(opened: BackfillsDeps, name: string, of: 'open' | 'all'): Promise<Known> {
  const known = (await knownBackfills(opened, 1_000)).filter(({ endedAt }) => of === 'all' || endedAt === undefined);
  const isMeant = (one: Known) =>
    one.backfill.endsWith(name) || one.workflowId === name || (isWholePass(one) && one.library === name);
  const [found, another] = known.filter(isMeant);
  if (found === undefined) {
    throw new UsageError(
      `No backfill ${of === 'open' ? 'that runs ' : ''}is called ${name}: "darkroom backfills" lists them.`,
    );
  }
  // The same library is passed through many times: the latest one is meant.
  if (another !== undefined && found.backfill.endsWith(name)) {
    throw new UsageError(`Several backfills end in ${name}: more of its id, please.`);
  }
  return found;
}

export async function listBackfills(
  opened: BackfillsDeps,
  out: Output,
  { limit, json }: { limit: number; json: boolean },
) {
  const known = await knownBackfills(opened, limit);
  if (json) return out.json(known);
  if (known.length === 0) return out.line('No backfill yet. "darkroom backfill --help" says how to begin one.');
  for (const one of known) tell(out, one);
}

export async function showBackfill(
  opened: BackfillsDeps & { readonly assets: Pick<Opened['assets'], 'libraries'> },
  out: Output,
  { name, limit, json }: { name: string; limit: number; json: boolean },
): Promise<void> {
  const one = await oneBackfill(opened, name, 'all');
  const taken = await opened.backfillStore.taken(one.backfill, limit);
  if (json) return out.json({ ...one, taken });
  tell(out, one);
  for (const problem of one.progress?.problems ?? [])
    for (const line of wrapped(problem, out.columns - 2)) out.line(`  ${line}`);
  if (taken.total === 0) return;
  const { total, rewritten, parked } = taken;
  out.line(`  took ${total} photos: ${rewritten} have a new text, ${parked} are parked`);
  const library = (await opened.assets.libraries()).find(({ name }) => name === one.library);
  for (const photo of taken.photos) tellPhoto(out, photo, library);
}

function tell(out: Output, one: Known): void {
  const { backfill, library, state, startedAt, endedAt, reason, chosen, progress, steering } = one;
  const now = Date.now();
  const lasted = endedAt === undefined ? '' : `, took ${span((endedAt - startedAt) / 60_000)}`;
  const until = steering?.pause?.until === undefined ? '' : ` until ${clock(steering.pause.until, now)}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  const what = chosen === undefined ? '' : `: ${selectionInWords(chosen.selection)}`;
  const of = chosen?.limit === undefined ? '' : `, ${chosen.limit} at most`;
  const lines = [
    `${shortId(backfill)}  ${library}${what}${of}`,
    `  ${state}${why}${until}, begun ${clock(startedAt, now)}${lasted}`,
    progress === undefined ? '  no worker answers' : `  ${progressInWords(progress)}`,
  ];
  for (const line of lines) for (const part of wrapped(line, out.columns)) out.line(part);
}

function tellPhoto(out: Output, { asset, state, before, now }: TakenPhoto, library: LibraryRecord | undefined): void {
  const name = library?.kind === 'immich' ? photoInWords(asset, library) : asset.path;
  out.line();
  for (const line of wrapped(`${name}  ${state}`, out.columns)) out.line(line);
  const texts = [
    ...(before === undefined ? [] : [`before, by ${before.model}: ${before.text}`]),
    ...(now === undefined ? [] : [`now, by ${now.model}: ${now.text}`]),
  ];
  for (const text of texts) for (const line of cellLines(text, out.columns - 2)) out.line(`  ${line}`);
}
