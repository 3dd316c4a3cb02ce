import { createAssetControl } from './control-assets.ts';
import { createPeopleControl } from './control-people.ts';
import { type Counts, countsOf } from './counts.ts';
import type { Fault, Match } from './moments.ts';
import type { Settings, WriteRow } from './rows.ts';
import type { State } from './state.ts';

/** What a test does to the server. Everything here is JSON, so that it works from another process too. */
export type Control = ReturnType<typeof createControl>;

/** What a person may do at a moment, to the asset that the request is about. */
export type Act = 'trash' | 'restore' | 'remove' | 'editPicture' | 'makePreview' | 'readFile';

export function createControl(state: State) {
  const assets = createAssetControl(state);
  const { counters, moments } = state;
  const about = (match: Match, act: (id: string) => void) => (seen: { assetId: string | undefined }) => {
    const id = match.assetId ?? seen.assetId;
    if (id !== undefined) act(id);
  };
  return {
    ...createPeopleControl(state),
    ...assets,
    /** May change at any time: the version, the pace of the queue, the clock. */
    set(settings: Partial<Settings>): void {
      Object.assign(state.settings, settings);
      state.keeper.settings(state.settings);
    },
    /** From now on, until `clearMoments`. The first that fits a request counts. */
    fault: (match: Match, fault: Fault): void => void moments.fault(match, fault),
    /** A person types this text at that moment; `{id}` in it becomes the asset's. */
    editWhen: (at: 'before' | 'after', match: Match, text: string): void => {
      moments.when(
        at,
        match,
        about(match, (id) => assets.editByPerson(id, text.replaceAll('{id}', id))),
      );
    },
    actWhen: (at: 'before' | 'after', match: Match, act: Act): void => {
      moments.when(at, match, about(match, assets[act]));
    },
    /** No faults and no plans any more. */
    clearMoments: (): void => moments.clear(),
    /** Every change of a description so far. */
    writes: (): readonly WriteRow[] => state.writes.slice(),
    counts: (): Counts => countsOf(state),
    /** Requests, answers and previews are counted anew; the log of writes stays. */
    resetCounts(): void {
      for (const map of [counters.requests, counters.statuses, counters.previews]) map.clear();
      counters.webhooks = 0;
    },
  };
}
