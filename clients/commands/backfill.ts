import { shortId } from '../../domain/backfill.ts';
import type { ChosenPhotos } from '../../domain/contract.ts';
import { type Level, levels } from '../../domain/prioritize.ts';
import { priorities } from '../../domain/queues.ts';
import { isRedo, type PhotoSelection, selectionInWords } from '../../domain/selection.ts';
import { wantedHashIn } from '../../domain/wanted-recipes.ts';
import { costOf, tellPlan } from '../backfill-plan.ts';
import { choiceOf, type ChoiceFlags } from '../choice.ts';
import { wantedRecipes } from '../host-report.ts';
import { immichNamed } from '../immich/library.ts';
import { type MemberFlags, membersOf, namesMembers } from '../immich/members.ts';
import { type Place, placeOf } from '../library-place.ts';
import { type MeetDeps, meetPhotos } from '../meet-photos.ts';
import type { Opened } from '../open.ts';
import { grouped, type Output, wrapped } from '../output.ts';
import { folderMeant, type OwnPeople, ownPeople } from '../own-people.ts';
import { oneBackfill } from './backfills.ts';

export interface BackfillOptions {
  /** A library by its name, or a folder of one by its path; absent: the only library. */
  readonly name: string | undefined;
  readonly flags: ChoiceFlags & MemberFlags;
  readonly limit: number | undefined;
  readonly sample: number | undefined;
  readonly level: Level | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly sha256: (text: string) => string;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

export type BackfillDeps = Pick<Opened, 'backfills' | 'backfillStore' | 'photos' | 'queries' | 'pageOf' | 'settings'> &
  MeetDeps &
  OwnPeople;

/**
 * Starts a backfill for a whole library or for chosen photos, or says what one would do. Returns whether it is a new one, undefined where
 * none is begun.
 */
export async function startBackfill(
  opened: BackfillDeps,
  out: Output,
  options: BackfillOptions,
): Promise<boolean | undefined> {
  const { limit, sample, level, dryRun, json } = options;
  const { place, selection } = await chosenBy(opened, options);
  const most = sample ?? limit;
  const chosen: Omit<ChosenPhotos, 'backfill'> = {
    selection,
    ...(most !== undefined && { limit: most }),
    ...(sample !== undefined && { sample: true }),
  };
  const isWhole =
    Object.keys(selection).length === 1 && selection.which.kind === 'wanted' && chosen.limit === undefined;
  const recipes = await wantedRecipes(opened);
  if (recipes === undefined) {
    throw new Error(
      'The engine has not said yet which recipe is wanted. Try again when "darkroom status" shows hosts.',
    );
  }
  const { library } = place;
  const wantedHash = wantedHashIn(recipes, library.name);
  // The pass itself is the one that goes through all of an Immich.
  const isLeft = isWhole && level === undefined && !dryRun && library.kind === 'immich';
  const among = isLeft ? undefined : await meetPhotos(opened, { ...options, place, selection, wantedHash });
  const photos = await opened.backfillStore.count(selection, { library: library.name, wantedHash, among });
  const wanted = Math.min(photos, chosen.limit ?? photos);
  const what = `${selectionInWords(selection)} of ${library.name}`;
  if (dryRun) {
    tellPlan(out, { what, photos, wanted, json, ...(await costOf(opened, wanted)) });
    return undefined;
  }
  if (isWhole && level === undefined) {
    await opened.photos.scan(library.name, 'asked for by a person');
    const need = isLeft ? '' : `: ${grouped(photos)} photos need something`;
    if (json) out.json({ library: library.name, photos, started: true });
    else out.line(`Looking through ${library.name}${need}. "darkroom status" shows it.`);
    return undefined;
  }
  const started = await opened.backfills.start({
    library: library.name,
    name: options.sha256(JSON.stringify([{ ...chosen, selection: idsOf(selection) }, level])).slice(0, 12),
    chosen,
    summary: what,
    priority: level === undefined ? (isRedo(selection) ? priorities.rerun : priorities.backfill) : levels[level],
  });
  if (json) {
    out.json({ ...started, library: library.name, photos, wanted });
    return started.isNew;
  }
  const id = shortId(started.backfill);
  const begun = started.isNew ? `Backfill ${id} has begun` : `Backfill ${id} is under way already`;
  for (const line of wrapped(`${begun}: ${grouped(wanted)} of ${grouped(photos)} ${what}.`, out.columns))
    out.line(line);
  out.line(`  darkroom backfills show ${id}`);
  const page = opened.pageOf(started.workflowId);
  if (page !== undefined) out.line(`  ${page}`);
  return started.isNew;
}

/** Where, and which of the photos there. Throws UsageError for what cannot be chosen in this library. */
async function chosenBy(opened: BackfillDeps, { name, flags, signal }: BackfillOptions) {
  const libraries = await opened.assets.libraries();
  if (!namesMembers(flags)) {
    const place = await placeOf(libraries, name);
    return { place, selection: await withWholeId(opened, choiceOf(flags, place, opened.settings.FACE_MODEL)) };
  }
  const folder = await folderMeant(libraries, name, flags);
  if (folder !== undefined) {
    const choice = await withWholeId(opened, choiceOf(flags, folder, opened.settings.FACE_MODEL));
    return { place: folder, selection: { ...choice, ...(await ownPeople(opened, flags)) } };
  }
  const { record, immich } = await immichNamed(opened.immich, libraries, name);
  const place: Place = { library: record, folder: '' };
  const choice = await withWholeId(opened, choiceOf(flags, place, opened.settings.FACE_MODEL));
  return { place, selection: { ...choice, ...(await membersOf(immich, flags, signal)) } };
}

/** An album is the same one whatever it is called by now. */
function idsOf({ albums, people, ...selection }: PhotoSelection) {
  const ids = (named: PhotoSelection['albums']) => named?.map(({ id }) => id);
  return { ...selection, albums: ids(albums), people: ids(people) };
}

/** A person says the end of a backfill's id. */
async function withWholeId(opened: BackfillDeps, selection: PhotoSelection): Promise<PhotoSelection> {
  if (!('backfill' in selection.which)) return selection;
  const { backfill } = await oneBackfill(opened, selection.which.backfill, 'all');
  return { ...selection, which: { kind: 'written', backfill } };
}
