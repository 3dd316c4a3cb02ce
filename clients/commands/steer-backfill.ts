import { shortId } from '../../domain/backfill.ts';
import { assetWorkflowId } from '../../domain/paths.ts';
import { type Level, levels, type Standing } from '../../domain/prioritize.ts';
import { undoneInWords } from '../../domain/undo.ts';
import type { Known } from '../known-backfills.ts';
import { eachOf } from '../many-runs.ts';
import type { Opened } from '../open.ts';
import { type Output, wrapped } from '../output.ts';
import { oneBackfill } from './backfills.ts';

export type Steer =
  | { readonly kind: 'pause'; readonly reason: string; readonly for?: string }
  | { readonly kind: 'resume' }
  | { readonly kind: 'cancel'; readonly reason: string }
  | { readonly kind: 'window'; readonly window: number }
  | { readonly kind: 'prioritize'; readonly level: Level }
  | { readonly kind: 'rollback' };

/** Tells one backfill what to do; says what has come of it. */
export async function steerBackfill(
  opened: SteeringDeps,
  out: Output,
  { name, steer, json }: { name: string; steer: Steer; json: boolean },
): Promise<void> {
  const one = await oneBackfill(opened, name, steer.kind === 'rollback' ? 'all' : 'open');
  const { backfill, workflowId } = one;
  const said = await does(opened, one, steer);
  if (json) return out.json({ backfill, workflowId, ...steer, said });
  for (const line of wrapped(`${shortId(backfill)}: ${said}`, out.columns)) out.line(line);
}

const leftAlone = 'photos that are under way go on';

export interface SteeringDeps extends Pick<
  Opened,
  'backfills' | 'backfillStore' | 'assets' | 'selections' | 'photos' | 'undos'
> {
  readonly sha256: (bytes: Uint8Array) => string;
  readonly signal: AbortSignal;
}

async function does(opened: SteeringDeps, one: Known, steer: Steer): Promise<string> {
  const { backfills } = opened;
  const { workflowId } = one;
  if (steer.kind === 'rollback') return await rollBack(opened, one);
  if (steer.kind === 'pause') {
    const { reason, for: span } = steer;
    await backfills.pause(workflowId, { reason, ...(span !== undefined && { for: span }) });
    return `starts nothing more until it is resumed; ${leftAlone}`;
  }
  if (steer.kind === 'resume') {
    await backfills.resume(workflowId);
    return 'goes on';
  }
  if (steer.kind === 'cancel') {
    await backfills.cancel(workflowId, steer.reason);
    return `starts nothing more and ends; ${leftAlone}`;
  }
  if (steer.kind === 'window') {
    await backfills.setWindow(workflowId, steer.window);
    return `at most ${steer.window} photos under way at once`;
  }
  await backfills.prioritize(workflowId, levels[steer.level]);
  const moved = await raiseOpen(opened, one, levels[steer.level]);
  return `what it starts from now on goes at the level "${steer.level}", and so do ${moved} photos under way`;
}

/** The texts in our rows; in an Immich also what was written there, which the engine takes back however long that takes. */
async function rollBack(opened: SteeringDeps, { backfill, library }: Known): Promise<string> {
  const photos = await opened.backfillStore.rollBack(backfill);
  const isImmich = (await opened.assets.libraries()).some(({ name, kind }) => name === library && kind === 'immich');
  const again =
    photos === 0
      ? ''
      : `${photos} photos have again the text they had before. Put the former prompt and model back, or the next pass ` +
        'writes them once more.';
  const nothing = 'nothing to roll back: none of its photos has another text than before';
  if (!isImmich) return again === '' ? nothing : again;
  const run = await opened.undos.begin({ choice: { kind: 'backfill', backfill }, dryRun: false, limit: undefined });
  const report = await run.result(opened.signal);
  if (report.looked === 0) return again === '' ? nothing : again;
  return `${again === '' ? '' : `${again} `}In ${library}: ${undoneInWords(report, false)}.`;
}

/** As many as the widest window holds, and those that are held (activities/brake.ts). */
const mostOpen = 12_000;
/** Rows that no run has been through: those that were begun a moment ago are among them, and all that was only seen. */
const mostFresh = 2_000;

/** After the signal, so that none is started at the old level behind our back. */
async function raiseOpen(
  opened: SteeringDeps,
  { backfill, library, chosen }: Known,
  priority: number,
): Promise<number> {
  const photos =
    chosen === undefined ? await openIn(opened, library) : await opened.backfillStore.unfinished(backfill, mostOpen);
  let moved = 0;
  await eachOf(
    photos,
    async ({ asset, rawPath }) => {
      if (await opened.photos.raise(assetWorkflowId(asset.library, rawPath, opened.sha256), priority)) moved += 1;
    },
    opened.signal,
  );
  return moved;
}

async function openIn({ assets, selections }: SteeringDeps, name: string) {
  const library = (await assets.libraries()).find((one) => one.name === name);
  if (library === undefined) return [];
  const selection = { kind: 'folders' as const, folders: [{ libraryId: library.id, prefix: '' }] };
  const page = (standing: Standing, limit: number) =>
    selections.page(selection, { of: [standing], wanted: undefined, after: undefined, limit });
  return [...(await page('running', mostOpen)), ...(await page('fresh', mostFresh))];
}
