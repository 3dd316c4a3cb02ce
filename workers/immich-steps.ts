import type { ImmichDeps } from '../activities/immich-deps.ts';
import { createRecentAssets } from '../activities/index.ts';
import type { ImmichStore, OpenImmichs, PublicationStore } from '../domain/immich-store.ts';
import { spanMs } from '../domain/pause.ts';
import { tells } from '../domain/prompt.ts';
import type { Recipe } from '../domain/recipe.ts';
import type { Settings } from '../runtime/config.ts';
import { sha256 } from '../runtime/sha256.ts';

export interface ImmichStepsInput {
  readonly settings: Settings;
  /** People may want different languages; what is told is the same for all. */
  readonly recipe: Recipe;
  readonly immichs: OpenImmichs;
  readonly store: ImmichStore;
  readonly publications: PublicationStore;
}

/** What the settings ask of the steps for Immich libraries. */
export const immichDeps = ({ settings, recipe, ...stores }: ImmichStepsInput): ImmichDeps => ({
  ...stores,
  recent: createRecentAssets(Date.now),
  waits: {
    previewWaitMs: spanMs(settings.IMMICH_PREVIEW_WAIT) ?? 0,
    peopleWaitMs: spanMs(settings.IMMICH_PEOPLE_WAIT) ?? 0,
  },
  videos: settings.IMMICH_VIDEOS === 'on',
  tellsAlbums: tells(recipe, 'albums'),
  tellsTags: tells(recipe, 'tags'),
  tellsPeople: tells(recipe, 'people'),
  looksForFaces: settings.IMMICH_FACES,
  firstLookCount: settings.FIRST_LOOK,
  wrapper: settings.DESCRIPTION_WRAPPER,
  ignore: settings.DESCRIPTION_IGNORE,
  publishesTags: settings.IMMICH_TAGS === 'on',
  sha256,
});
