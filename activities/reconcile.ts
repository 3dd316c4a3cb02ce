import type { Activities } from '../domain/contract.ts';
import { looseLibrary } from '../domain/library.ts';
import type { AssetStore } from '../domain/ports.ts';
import type { MissingStore } from '../domain/reconcile.ts';
import { heartbeating } from './heartbeat.ts';

export interface ReconcileDeps {
  readonly assets: Pick<AssetStore, 'libraries'>;
  readonly missing: Pick<MissingStore, 'cancelledPasses' | 'keep'>;
  /** Starts a pass through a library; false where one is under way. */
  readonly startPass: (library: string, reason: string) => Promise<boolean>;
  /** Not in mode `monitor`, which is only about what comes. */
  readonly passesAreWanted: boolean;
}

export const createReconcileActivities = (
  deps: ReconcileDeps,
): Pick<Activities, 'passLibraries' | 'keepReconciled'> => ({
  passLibraries: () => heartbeating(() => passLibraries(deps)),
  keepReconciled: (report) => heartbeating(() => deps.missing.keep(report)),
});

/**
 * A pass meets files that no event told of. One that is under way is not asked to go round once more (twice would be two);
 * what it has left behind is met by the next. A pass that somebody cancelled stays so until Darkroom starts again.
 */
async function passLibraries({ assets, missing, startPass, passesAreWanted }: ReconcileDeps) {
  if (!passesAreWanted) return { passes: [] };
  const cancelled = await missing.cancelledPasses();
  const passes: string[] = [];
  for (const { name } of await assets.libraries()) {
    if (name === looseLibrary || cancelled.has(name)) continue;
    if (await startPass(name, 'reconcile')) passes.push(name);
  }
  return { passes };
}
