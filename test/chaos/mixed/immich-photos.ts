import { prepareSharp, render } from '../../../adapters/picture/render.ts';
import { shownPath } from '../../../domain/immich-rules.ts';
import { loadSettings } from '../../../runtime/config.ts';
import { sha256 } from '../../../runtime/sha256.ts';
import type { NewAsset } from '../../support/immich/new-rows.ts';
import type { ImmichProcess } from '../../support/immich/start-process.ts';
import { makeJpeg } from '../../support/photos.ts';
import type { PlannedPhoto } from './library.ts';

export type ImmichPolicy = 'none' | 'preserve-human';

/**
 * What becomes of a photo beside being described. A person types a text on it: `before` everything · while the model is
 * `thinking` · just before the `last look` at the field · right `after` ours was written. It lies in a folder that Immich
 * cannot write to, so that texts are `wiped`. It is `deleted` while the model thinks.
 */
const lots = ['before', 'thinking', 'last look', 'after', 'wiped', 'deleted'] as const;
type Lot = (typeof lots)[number];

export interface ImmichPhoto extends PlannedPhoto {
  /** In Immich. */
  readonly id: string;
  readonly lot: Lot | undefined;
  /** What a person types, somewhen. */
  readonly typed: string | undefined;
}

interface Original {
  readonly nth: number;
  readonly lot: Lot | undefined;
  readonly fate: PlannedPhoto['fate'];
}

/** A fifth of the photos are copies of others; of forty photos about one has each fate or lot, of some lots two. */
export async function addPhotos(
  immich: ImmichProcess,
  { count, policy, random }: { count: number; policy: ImmichPolicy; random: () => number },
): Promise<ImmichPhoto[]> {
  const [user] = immich.users;
  if (user === undefined) throw new Error('an Immich has a user');
  const readOnly = await immich.call('addLibrary', user.id, true);
  const add = async (given: NewAsset, original: Original): Promise<ImmichPhoto> => {
    const id = await immich.call('addAsset', user.id, given);
    const { originalFileName } = await immich.call('asset', id);
    const known = { id, path: shownPath({ id, originalFileName }), picture: undefined, typed: typedOn(original) };
    return { ...original, ...known, ...asked(original, policy) };
  };
  prepareSharp();
  const photos: ImmichPhoto[] = [];
  for (const original of planned(count, random)) {
    const bytes = await bytesOf(original);
    const given = newAsset(original, { bytes, readOnly, isLate: random() < 0.1, isOld: random() < 0.7 });
    const photo = await add(given, original);
    photos.push({ ...photo, picture: original.fate === 'undecodable' ? undefined : await pictureOf(bytes) });
  }
  return photos;
}

function planned(count: number, random: () => number): Original[] {
  const each = Math.max(1, Math.round(count / 60));
  const some = (fate: Original['fate'], lot: Lot | undefined, times: number) =>
    Array.from({ length: times }, () => ({ fate, lot }));
  const special = [
    ...some('undecodable', undefined, each),
    ...some('refused', undefined, each),
    ...lots.flatMap((lot) => some('described', lot, lot === 'deleted' ? each : 2 * each)),
  ];
  const copies = Math.floor(count / 5);
  const plain = Math.max(1, count - copies - special.length);
  const all: Original[] = [...special, ...some('described', undefined, plain)].map((one, nth) => ({ ...one, nth }));
  const usual = all.slice(special.length);
  const copied = Array.from({ length: count - all.length }, () => usual[Math.floor(random() * usual.length)]);
  // Where it stands decides when it is done.
  return [...all, ...copied]
    .flatMap((one) => (one === undefined ? [] : [{ one, place: random() }]))
    .toSorted((a, b) => a.place - b.place)
    .map(({ one }) => one);
}

async function bytesOf({ nth, fate }: Original): Promise<Buffer> {
  const whole = await makeJpeg(nth);
  return fate === 'undecodable' ? whole.subarray(0, whole.length / 2) : whole;
}

/** Of what hosts must get for it, made here from the preview alone. */
async function pictureOf(bytes: Buffer): Promise<string> {
  const { VISION_LONG_SIDE: longSide } = loadSettings({});
  return sha256(await render({ bytes, kind: 'jpeg', longSide }, { maxPixels: 1_000_000, timeoutMs: 60_000 }));
}

interface Making {
  readonly bytes: Buffer;
  /** Id of the external library that Immich cannot write to. */
  readonly readOnly: string;
  /** Its preview comes some seconds later. */
  readonly isLate: boolean;
  /** Immich has had it for long; else it is also met by the poll for new photos. */
  readonly isOld: boolean;
}

function newAsset({ nth, lot }: Original, { bytes, readOnly, isLate, isOld }: Making): NewAsset {
  const minute = 60_000;
  return {
    ownPreviews: { plain: bytes.toString('base64') },
    // Copies were taken at the same moment, so that prompts tell the same of them.
    fileCreatedAt: Date.UTC(2024, 0, 1, 12) + nth * minute,
    ...(isOld && { createdAt: Date.UTC(2025, 0, 1) }),
    ...(isLate && { previewInMs: 15_000 }),
    ...(lot === 'wiped' && { libraryId: readOnly }),
    ...(lot === 'before' && { humanText: typedOn({ nth, lot }) ?? '' }),
  };
}

const typing: ReadonlySet<Lot | undefined> = new Set(['before', 'thinking', 'last look', 'after']);
const typedOn = ({ nth, lot }: Pick<Original, 'nth' | 'lot'>): string | undefined =>
  typing.has(lot) ? `${lot}: typed by a person, number ${nth}` : undefined;

/** How such a photo may end, and what may be asked about it. */
function asked({ lot }: Original, policy: ImmichPolicy): Pick<PlannedPhoto, 'ends' | 'calls'> {
  if (lot === undefined || lot === 'wiped') return {};
  if (lot === 'deleted') return { ends: ['gone'], calls: 'some' };
  if (lot === 'before') return policy === 'none' ? { ends: ['skipped'], calls: 'none' } : {};
  // Whoever looks once more after a kill sees the text of the person first.
  return { ends: ['done', 'skipped'], calls: 'some' };
}
