import { type Level, levels, type SelectedPhoto, type Standing } from '../../domain/prioritize.ts';
import { assetWorkflowId } from '../../domain/paths.ts';
import type { WantedHashes } from '../../domain/wanted-recipes.ts';
import { recipesOfPasses } from '../host-report.ts';
import type { MemberFlags } from '../immich/members.ts';
import { lookThrough } from '../look-through.ts';
import { createBrake, eachOf, pageSize, startInPages } from '../many-runs.ts';
import { type NamedDeps, selectNamed } from '../named-selection.ts';
import type { Opened } from '../open.ts';
import { type Output, wrapped } from '../output.ts';
import type { Selected } from '../selection.ts';

export interface PrioritizeOptions {
  /** A photo or a folder; with `members` the library they are of, absent where there is only one Immich. */
  readonly name: string | undefined;
  /** Albums and people of an Immich. */
  readonly members?: MemberFlags;
  readonly level: Level;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly sha256: (raw: Uint8Array | string) => string;
  /** A line that replaces the one before it; an empty one takes it away. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface PrioritizeDeps extends NamedDeps, Pick<Opened, 'facts' | 'openFolder'> {
  readonly assets: NamedDeps['assets'] & Pick<Opened['assets'], 'countWaiting' | 'find'>;
  readonly photos: Pick<Opened['photos'], 'startNew' | 'countOpen' | 'raise'>;
}

interface Tally {
  moved: number;
  started: number;
}

interface Work extends PrioritizeOptions, Selected {
  readonly wanted: WantedHashes | undefined;
  readonly tally: Tally;
}

/**
 * Moves runs that are open, all of them first, then starts those that are missing, in pages and with a brake. Keeps no
 * state: given again, it moves what is open by then and starts the rest. Returns the exit code.
 */
export async function prioritize(opened: PrioritizeDeps, out: Output, options: PrioritizeOptions): Promise<number> {
  const { level, dryRun, progress, signal } = options;
  const wanted = await recipesOfPasses(opened);
  const found = await selectNamed(opened, { ...options, wanted });
  const tally: Tally = { moved: 0, started: 0 };
  const work = { ...options, ...found, wanted, tally };
  try {
    const lost = dryRun ? [] : await moveOpen(opened, work);
    const onPage = (seen: number) => progress(`${tally.moved} moved, looking for more: ${seen} photos`);
    const troubles = startsNew(level) ? await lookThrough(opened, { ...found, onPage, signal }) : [];
    const counts = await opened.selections.count(found.selection, wanted);
    if (!dryRun) await startMissing(opened, { ...work, counts, lost });
    const would = { moved: counts.running, started: startsNew(level) ? counts.fresh : 0 };
    progress('');
    tell(out, { ...options, ...found, counts, tally: dryRun ? would : tally, troubles, interrupted: signal.aborted });
  } catch (error) {
    progress('');
    const so = `${tally.moved} were moved and ${tally.started} started before it broke off. The same command goes on.`;
    if (error instanceof Error) error.message = `${error.message}\n${so}`;
    throw error;
  }
  return signal.aborted ? 1 : 0;
}

/**
 * A run that is started behind everything else would not be last: while it is open, the backfill starts nothing, and no
 * other work is left. So `last` moves only what is open.
 */
const startsNew = (level: Level): boolean => level !== 'last';

/** Returns photos whose row says that a run is open while there is none: it has just ended, or was lost with Temporal's files. */
async function moveOpen(opened: PrioritizeDeps, work: Work): Promise<readonly SelectedPhoto[]> {
  const { selection, wanted, counts, tally, progress, signal } = work;
  const lost: SelectedPhoto[] = [];
  for (let after: string | undefined; !signal.aborted;) {
    // Parked ones are not started; but one that is tried again has a run.
    const of: readonly Standing[] = ['running', 'parked'];
    const page = await opened.selections.page(selection, { of, wanted, after, limit: pageSize });
    await eachOf(
      page,
      async (photo) => {
        if (await raise(opened, work, photo)) tally.moved += 1;
        else if (photo.state !== 'parked') lost.push(photo);
        progress(`${tally.moved} of ${counts.running} moved`);
      },
      signal,
    );
    after = page.at(-1)?.asset.assetId;
    if (after === undefined) break;
  }
  return lost;
}

async function startMissing(opened: PrioritizeDeps, work: Work & { lost: readonly SelectedPhoto[] }): Promise<void> {
  const { selections, photos, assets } = opened;
  const { selection, wanted, counts, level, tally, progress, signal } = work;
  const brake = createBrake(opened);
  const startOrMove = async (photo: SelectedPhoto): Promise<'started' | 'left'> => {
    const started = startsNew(level) && (await photos.startNew({ ...photo, priority: levels[level] }));
    if (started) tally.started += 1;
    else if (await raise(opened, work, photo)) tally.moved += 1;
    progress(`${tally.moved} moved, ${tally.started} of ${Math.max(counts.fresh, tally.started)} started`);
    return started ? 'started' : 'left';
  };
  const of: readonly Standing[] = ['fresh'];
  await startInPages(brake, {
    page: (after, limit) => selections.page(selection, { of, wanted, after, limit }),
    work: startOrMove,
    signal,
  });
  await eachOf(
    work.lost,
    async (photo) => {
      if ((await brake.room(signal)) === 0) return;
      const now = await assets.find(photo.asset.assetId);
      const isEnded = now?.state !== 'open' && now?.state !== 'waiting';
      if (!isEnded && (await startOrMove(photo)) === 'started') brake.started();
    },
    signal,
  );
}

const raise = (
  { photos }: PrioritizeDeps,
  { level, sha256 }: Work,
  { asset, rawPath }: SelectedPhoto,
): Promise<boolean> => photos.raise(assetWorkflowId(asset.library, rawPath, sha256), levels[level]);

const places: Readonly<Record<Level, string>> = {
  now: 'before everything else',
  new: 'beside new photos',
  normal: 'before the backlog',
  last: 'behind everything else',
};

interface Told extends PrioritizeOptions, Selected {
  readonly tally: Tally;
  /** In words, what could not be looked at. */
  readonly troubles: readonly string[];
  readonly interrupted: boolean;
}

function tell(out: Output, { shown, level, counts, tally, dryRun, troubles, interrupted, json }: Told): void {
  const { moved, started } = tally;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  // What an interruption kept from being moved or started is not left alone on purpose.
  const pending = interrupted ? Math.max(0, counts.running + counts.fresh - moved - started) : 0;
  const left = Math.max(0, all - moved - started - pending);
  if (json) {
    const priority = levels[level];
    return out.json({
      name: shown,
      level,
      priority,
      dryRun,
      photos: all,
      moved,
      started,
      left,
      pending,
      counts,
      troubles,
      interrupted,
    });
  }
  const would = dryRun ? 'would be ' : '';
  const why = (['described', 'parked', 'gone', 'unsupported', 'skipped'] as const)
    .filter((standing) => counts[standing] > 0)
    .map((standing) => `${counts[standing]} ${standing}`);
  const parts = [
    `${moved} ${would}moved ${places[level]}`,
    `${started} ${would}started`,
    ...(pending > 0 ? [`${pending} not reached`] : []),
    `${left} left alone${why.length === 0 ? '' : ` (${why.join(', ')})`}`,
  ];
  const texts = [
    `${shown}: ${parts.join(', ')}`,
    ...(!startsNew(level) && counts.fresh > 0
      ? [`${counts.fresh} have no run yet; they come when the backlog reaches them.`]
      : []),
    ...troubles.map((trouble) => `Only photos that are known already: ${trouble}`),
    ...(interrupted ? ['Interrupted: what was done stays. The same command goes on with the rest.'] : []),
  ];
  for (const text of texts) for (const line of wrapped(text, out.columns)) out.line(line);
}
