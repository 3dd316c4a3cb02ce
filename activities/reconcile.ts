import { shortId } from '../domain/backfill.ts';
import type { BackfillStore, BegunBackfill } from '../domain/backfill-store.ts';
import type { Activities } from '../domain/contract.ts';
import { wasSweptLately } from '../domain/immich-news.ts';
import type { ImmichStore } from '../domain/immich-store.ts';
import { looseLibrary } from '../domain/library.ts';
import type { AssetStore } from '../domain/ports.ts';
import type { MissingStore } from '../domain/reconcile.ts';
import { heartbeating } from './heartbeat.ts';

export type GoneOn =
  { readonly kind: 'begun again' } | { readonly kind: 'under way' } | { readonly kind: 'ended'; readonly how: string };

export interface ReconcileDeps {
  readonly assets: Pick<AssetStore, 'libraries'>;
  readonly missing: Pick<MissingStore, 'cancelledPasses' | 'keep'>;
  readonly backfills: Pick<BackfillStore, 'begun' | 'endedOutside'>;
  /** Begins a backfill again that was lost with Temporal's files; one that a person ended in Temporal stays so. */
  readonly goOnWith: (begun: BegunBackfill) => Promise<GoneOn>;
  /** Starts a pass through a library; false where one is under way. */
  readonly startPass: (library: string, reason: string) => Promise<boolean>;
  /** Not in mode `monitor`, which is only about what comes. */
  readonly passesAreWanted: boolean;
  /** Absent: every library is a folder. */
  readonly immich?: { readonly store: Pick<ImmichStore, 'libraries' | 'setSwept'> } | undefined;
  readonly now: () => number;
}

export const createReconcileActivities = (
  deps: ReconcileDeps,
): Pick<Activities, 'passLibraries' | 'keepReconciled'> => ({
  passLibraries: () => heartbeating(() => passLibraries(deps)),
  keepReconciled: (report) => heartbeating(() => deps.missing.keep(report)),
});

/**
 * A pass meets files that no event told of. One that is under way is not asked to go round once more (twice would be two);
 * what it has left behind is met by the next. A pass that somebody cancelled stays so until Darkroom starts again. An Immich
 * library was looked through in the night.
 */
async function passLibraries(deps: ReconcileDeps) {
  const { assets, missing, backfills, goOnWith, startPass, passesAreWanted, immich, now } = deps;
  const passes: string[] = [];
  // A person asked for these, whatever the mode.
  for (const begun of await backfills.begun()) {
    const { library, chosen } = begun;
    const now = await goOnWith(begun);
    if (now.kind === 'begun again') passes.push(`${library} (backfill ${shortId(chosen.backfill)})`);
    if (now.kind === 'ended') await backfills.endedOutside(chosen.backfill, `it was ended in Temporal (${now.how})`);
  }
  if (!passesAreWanted) return { passes };
  const cancelled = await missing.cancelledPasses();
  const immichs = new Map((await immich?.store.libraries())?.map((record) => [record.name, record]));
  for (const { name } of await assets.libraries()) {
    const ofImmich = immichs.get(name);
    if (name === looseLibrary || cancelled.has(name) || wasSweptLately(ofImmich?.swept, now())) continue;
    if (await startPass(name, 'reconcile')) passes.push(name);
    if (ofImmich !== undefined) await immich?.store.setSwept(ofImmich.id, now());
  }
  return { passes };
}
