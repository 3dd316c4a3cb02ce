import type { ImmichAsset, ImmichPageInput } from './immich.ts';
import { isRedo, type PhotoSelection } from './selection.ts';

/** Photos of an Immich that a person chose, as far as Immich itself has to be asked which they are. */

/**
 * Our rows know neither albums nor people, and nothing of when and by what a photo of an Immich was taken: its previews do not
 * say. All else is told by our rows alone, for Immich as for a folder.
 */
export const isAskedOfImmich = ({ albums, people, takenFrom, takenBefore, camera }: PhotoSelection): boolean =>
  [albums, people, takenFrom, takenBefore, camera].some((part) => part !== undefined);

/** What Immich is asked for. Wider than the choice: `isTakenSo` says of each photo whether it is in it. */
export function immichQuestion({
  albums,
  people,
  takenFrom,
  takenBefore,
}: PhotoSelection): Pick<ImmichPageInput, 'albums' | 'people' | 'takenFrom' | 'takenTo'> {
  const [from, to] = [momentOf(takenFrom), momentOf(takenBefore)];
  return {
    ...(albums !== undefined && { albums: albums.map(({ id }) => id) }),
    ...(people !== undefined && { people: people.map(({ id }) => id) }),
    ...(from !== undefined && { takenFrom: from - zonesMs }),
    ...(to !== undefined && { takenTo: to + zonesMs }),
  };
}

/** A choice is by the camera's clock and Immich's question by UTC: no two zones are further apart than 26 hours. */
const zonesMs = 26 * 3_600_000;

/** `2024`, `2024-05-31` or `2024-05-31T18:04` as if it were UTC; undefined where Immich need not be told. */
function momentOf(time: string | undefined): number | undefined {
  const [date = '', clock = '00:00'] = time?.split('T') ?? [];
  const [year = '', month = '01', day = '01'] = date.split('-');
  const at = Date.parse(`${year}-${month}-${day}T${clock}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** Is it taken at the time and by the camera of the choice? What Immich has not read yet is not. Compared as our rows compare. */
export function isTakenSo(
  { facts }: Pick<ImmichAsset, 'facts'>,
  { takenFrom, takenBefore, camera }: PhotoSelection,
): boolean {
  const { takenAt = '' } = facts;
  if (takenFrom !== undefined && (takenAt === '' || takenAt < takenFrom)) return false;
  if (takenBefore !== undefined && (takenAt === '' || takenAt >= takenBefore)) return false;
  return camera === undefined || (facts.camera ?? '').toLowerCase().includes(camera.toLowerCase());
}

/**
 * Is each of them to be made whatever the page says of it (but for what is out of sight, or is a person's own text)? Parked ones and
 * those that are made once more are; for the others the page may say that they need nothing.
 */
export const isForced = (selection: PhotoSelection): boolean => isRedo(selection) || selection.which.kind === 'parked';
