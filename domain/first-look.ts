import { assetIdOf } from './immich-rules.ts';
import { fileName } from './asset.ts';

/** Why a library is paused after its first photos: nobody wants 50,000 texts written before seeing one. */
export const firstLookReason = 'first look';

export interface HeldText {
  /** As in `AssetRef`. */
  readonly path: string;
  readonly text: string;
  readonly model: string;
}

export interface FirstLookQueries {
  /** Texts that were made and not written yet, the newest photos first. */
  held(libraryId: string, limit: number): Promise<readonly HeldText[]>;
  /** Photos of the library whose runs are open. */
  open(libraryId: string): Promise<number>;
}

/**
 * The page of a photo in the web app of an Immich at `root` (with or without /api behind it). Only the photo's id where `root` is
 * Immich's database, which does not tell where the web app is.
 */
export function photoPage(root: string, path: string): string {
  const id = assetIdOf(path) ?? '';
  return /^https?:/i.test(root) ? `${root.replace(/\/+$/, '').replace(/\/api$/, '')}/photos/${id}` : id;
}

/** What a person is shown, one line each. */
export function firstLookLines(library: { name: string; root: string }, texts: readonly HeldText[]): string[] {
  const one = texts.length === 1;
  return [
    `First look at ${library.name}: ${one ? 'one photo was' : `${texts.length} photos were`} described, nothing was written to Immich.`,
    ...texts.flatMap(({ path, text }) => ['', `${fileName(path)}  ${photoPage(library.root, path)}`, text]),
    '',
    `Go on with all of it: darkroom backfill ${library.name} --go`,
    'Other words or another model: change VISION_PROMPT or VISION_MODEL and start again; these are then made anew.',
  ];
}
