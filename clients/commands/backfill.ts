import { shortId } from '../../domain/backfill.ts';
import type { ChosenPhotos } from '../../domain/contract.ts';
import { type Level, levels } from '../../domain/prioritize.ts';
import { priorities } from '../../domain/queues.ts';
import { isRedo, type PhotoSelection, selectionInWords } from '../../domain/selection.ts';
import { costOf, tellPlan } from '../backfill-plan.ts';
import { choiceOf, type ChoiceFlags } from '../choice.ts';
import { oneBackfill } from './backfills.ts';
import { wantedRecipe } from '../host-report.ts';
import { type Place, placeOf } from '../library-place.ts';
import { lookThrough } from '../look-through.ts';
import type { Opened } from '../open.ts';
import { grouped, type Output, wrapped } from '../output.ts';

export interface BackfillOptions {
  /** A library by its name, or a folder of one by its path; absent: the only library. */
  readonly name: string | undefined;
  readonly flags: ChoiceFlags;
  readonly limit: number | undefined;
  readonly sample: number | undefined;
  readonly level: Level | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly sha256: (text: string) => string;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

export type BackfillDeps = Pick<
  Opened,
  'assets' | 'facts' | 'openFolder' | 'backfills' | 'backfillStore' | 'photos' | 'queries' | 'pageOf'
>;

/** Starts a backfill for a whole library or for chosen photos, or says what one would do. */
export async function startBackfill(opened: BackfillDeps, out: Output, options: BackfillOptions): Promise<void> {
  const { flags, limit, sample, level, dryRun, json } = options;
  const place = await placeOf(await opened.assets.libraries(), options.name);
  const selection = await withWholeId(opened, choiceOf(flags, place.folder));
  const most = sample ?? limit;
  const chosen: Omit<ChosenPhotos, 'backfill'> = {
    selection,
    ...(most !== undefined && { limit: most }),
    ...(sample !== undefined && { sample: true }),
  };
  const isWhole =
    Object.keys(selection).length === 1 && selection.which.kind === 'wanted' && chosen.limit === undefined;
  const wantedHash = await wantedRecipe(opened);
  if (wantedHash === undefined) {
    throw new Error(
      'The engine has not said yet which recipe is wanted. Try again when "darkroom status" shows hosts.',
    );
  }
  await meetNewFiles(opened, place, selection, options);
  const { library } = place;
  const photos = await opened.backfillStore.count(selection, { library: library.name, wantedHash });
  const wanted = Math.min(photos, chosen.limit ?? photos);
  const what = `${selectionInWords(selection)} of ${library.name}`;
  if (dryRun) return tellPlan(out, { what, photos, wanted, json, ...(await costOf(opened, wanted)) });
  if (isWhole && level === undefined) {
    await opened.photos.scan(library.name, 'asked for by a person');
    if (json) return out.json({ library: library.name, photos, started: true });
    return out.line(
      `Looking through ${library.name}: ${grouped(photos)} photos need something. "darkroom status" shows it.`,
    );
  }
  const started = await opened.backfills.start({
    library: library.name,
    name: options.sha256(JSON.stringify([chosen, level])).slice(0, 12),
    chosen,
    summary: what,
    priority: level === undefined ? (isRedo(selection) ? priorities.rerun : priorities.backfill) : levels[level],
  });
  if (json) return out.json({ ...started, library: library.name, photos, wanted });
  const id = shortId(started.backfill);
  const begun = started.isNew ? `Backfill ${id} has begun` : `Backfill ${id} is under way already`;
  for (const line of wrapped(`${begun}: ${grouped(wanted)} of ${grouped(photos)} ${what}.`, out.columns))
    out.line(line);
  out.line(`  darkroom backfills show ${id}`);
  const page = opened.pageOf(started.workflowId);
  if (page !== undefined) out.line(`  ${page}`);
}

/** A person says the end of a backfill's id. */
async function withWholeId(opened: BackfillDeps, selection: PhotoSelection): Promise<PhotoSelection> {
  if (!('backfill' in selection.which)) return selection;
  const { backfill } = await oneBackfill(opened, selection.which.backfill, 'all');
  return { ...selection, which: { kind: 'written', backfill } };
}

/** Files that no pass has met have no row yet. Not needed for what is chosen by what has become of it. */
async function meetNewFiles(opened: BackfillDeps, place: Place, { which }: PhotoSelection, options: BackfillOptions) {
  const { progress, signal } = options;
  if (which.kind !== 'wanted' && which.kind !== 'undescribed') return;
  const { library, folder } = place;
  const selection = { kind: 'folders' as const, folders: [{ libraryId: library.id, prefix: folder }] };
  const onPage = (seen: number) => progress(`looking for new files: ${grouped(seen)} seen`);
  await lookThrough(opened, { selection, libraries: [library], onPage, signal });
  progress('');
  signal.throwIfAborted();
}
