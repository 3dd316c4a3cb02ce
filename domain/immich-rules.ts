import type { FileStat } from './asset.ts';
import type { ImmichAsset } from './immich.ts';
import { oneLine } from './one-line.ts';

/** Why an asset of Immich is never described, in words for people. */
export const leftOutWords = {
  partner: "it is a partner's photo",
  trashed: 'it is in the trash of Immich',
  locked: 'it is in the locked folder',
  hidden: 'it is hidden, as the moving half of a live photo is',
  offline: 'its file is away from the server',
  'not-an-image': 'it is no photo',
} as const;
export type LeftOut = keyof typeof leftOutWords;

/** Pages of a search hold these too: partners' photos (reference, 5.3), and what a person put out of sight (2.1). */
export function leftOut(
  asset: Pick<ImmichAsset, 'ownerId' | 'type' | 'visibility' | 'isTrashed' | 'isOffline'>,
  { userId, videos }: { userId: string; videos: boolean },
): LeftOut | undefined {
  if (asset.ownerId !== userId) return 'partner';
  return (
    outOfSight(asset) ?? (asset.type === 'IMAGE' || (videos && asset.type === 'VIDEO') ? undefined : 'not-an-image')
  );
}

function outOfSight(asset: Pick<ImmichAsset, 'visibility' | 'isTrashed' | 'isOffline'>): LeftOut | undefined {
  if (asset.isTrashed) return 'trashed';
  if (asset.visibility === 'locked' || asset.visibility === 'hidden') return asset.visibility;
  return asset.isOffline ? 'offline' : undefined;
}

/**
 * What our rows know the picture by. The checksum stands where a file has its inode; of an external asset it may be a hash
 * of the path, and there size and time tell that the file changed. A photo that was edited in Immich is another picture, and
 * going back to the original makes it the first one again; a second edit of an edited one cannot be told from the first.
 */
export function versionOf(
  asset: Pick<ImmichAsset, 'fileBytes' | 'fileModifiedAt' | 'checksum' | 'isEdited'>,
): FileStat {
  const time = Math.trunc(asset.fileModifiedAt);
  return {
    size: asset.fileBytes ?? 0,
    mtimeMs: time,
    ctimeMs: time,
    inode: `immich:${asset.checksum}${asset.isEdited ? ':edited' : ''}`,
  };
}

export type Readiness =
  | { readonly kind: 'ready' }
  /** Look again after `waitMs`. */
  | { readonly kind: 'wait'; readonly why: string; readonly waitMs: number }
  | { readonly kind: 'gone'; readonly why: string }
  /** It was waited for as long as it was meant to be. */
  | { readonly kind: 'no-preview' };

export interface ReadyInput {
  /** Ours, milliseconds since 1970, as `first`: when this run looked for the first time; absent in that look. */
  readonly now: number;
  readonly first?: number;
  readonly previewThere: boolean;
  readonly previewWaitMs: number;
  readonly peopleWaitMs: number;
  readonly recognisesFaces: boolean;
}

const firstLookMs = 5_000;
const longestLookMs = 600_000;
const firstPeopleLookMs = 30_000;

/**
 * May it be described? Immich reads the file, makes the preview and recognises people one after the other (reference, 4.4),
 * and a broken original never gets a preview: each wait has an end. After `previewWaitMs` a photo with a preview is described
 * even if Immich has not read its file.
 */
export function judgeReady(asset: ImmichAsset | undefined, input: ReadyInput): Readiness {
  if (asset === undefined) return { kind: 'gone', why: 'it was deleted in Immich' };
  const out = outOfSight(asset);
  if (out !== undefined) return { kind: 'gone', why: leftOutWords[out] };
  const { now, first = now, previewThere, previewWaitMs } = input;
  if (previewThere && asset.hasMetadata) return judgePeople(asset, input);
  const waited = Math.max(0, now - first);
  if (waited >= previewWaitMs) return previewThere ? { kind: 'ready' } : { kind: 'no-preview' };
  const next = Math.min(longestLookMs, Math.max(firstLookMs, waited / 2));
  return {
    kind: 'wait',
    why: previewThere ? 'Immich has not read its file yet' : 'Immich has no preview of it yet',
    waitMs: Math.ceil(Math.min(next, previewWaitMs - waited)),
  };
}

/**
 * Counted from when Immich learned of the photo, so that old ones do not wait; but from our own first look where the
 * server's clock is ahead of ours. Few looks: most photos without people have nobody in them, and each look is a request.
 */
function judgePeople(
  { createdAt, people }: ImmichAsset,
  { now, first = now, peopleWaitMs, recognisesFaces }: ReadyInput,
): Readiness {
  if (!recognisesFaces || people.length > 0) return { kind: 'ready' };
  const waited = Math.max(0, now - Math.min(createdAt, first));
  if (waited >= peopleWaitMs) return { kind: 'ready' };
  return {
    kind: 'wait',
    why: 'Immich may still recognise people in it',
    waitMs: Math.ceil(Math.min(Math.max(firstPeopleLookMs, waited), peopleWaitMs - waited)),
  };
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?=\/|$)/i;
/** Ids and keyword attributes end at 255 in Temporal's tables. */
const longestShown = 255;
/** An extension is kept where a name is cut; what is longer is none. */
const longestExtension = 12;

/** The name under which people and workflows know it: `<id>/<file name>`, one line, with one slash, at most 255 characters. */
export function shownPath({ id, originalFileName }: Pick<ImmichAsset, 'id' | 'originalFileName'>): string {
  const harmless = oneLine(originalFileName).replace(/[/\\]/g, '_');
  const name = /^\.*$/.test(harmless) ? 'unnamed' : harmless;
  const room = longestShown - id.length - 1;
  if (name.length <= room) return `${id}/${name}`;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= longestExtension ? name.slice(dot) : '';
  // A pair of surrogates that the cut went through ends as no character at all.
  const stem = name.slice(0, room - extension.length).replace(/[\uD800-\uDBFF]$/, '');
  return `${id}/${stem}${extension}`;
}

/** The id in front of a shown path; undefined where there is none. */
export const assetIdOf = (path: string): string | undefined => uuid.exec(path)?.[0].toLowerCase();
