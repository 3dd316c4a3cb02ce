import { type AssetRef, sameFile } from '../domain/asset.ts';
import type { SettleCheck } from '../domain/contract.ts';
import { TransientError } from '../domain/errors.ts';
import { factsOfAsset } from '../domain/immich-facts.ts';
import { namesOn } from '../domain/immich-people.ts';
import { assetIdOf, judgeReady, leftOut, leftOutWords, versionOf } from '../domain/immich-rules.ts';
import type { OpenImmich } from '../domain/immich-store.ts';
import type { ImmichAsset } from '../domain/immich.ts';
import type { PictureReader } from '../domain/ports.ts';
import { fieldState, wantsDescription } from '../domain/write-policy.ts';
import { fieldKnown } from './field-known.ts';
import type { ImmichDeps } from './immich-deps.ts';
import type { PhotoSource } from './sources.ts';

interface Deps extends ImmichDeps {
  readonly open: OpenImmich;
  readonly pictures: Pick<PictureReader, 'readBytes'>;
  readonly now: () => number;
}

/** Photos of one user of an Immich. The picture is the preview: upright, decoded and complete. */
export function immichSource(deps: Deps): PhotoSource {
  const { open, pictures, sha256 } = deps;
  return {
    look: async (asset, { first, signal }) => await look(deps, asset, { firstAt: first?.at, signal }),
    async version(asset, signal) {
      const found = await seen(deps, asset, signal);
      return found === undefined ? undefined : versionOf(found);
    },
    async read(asset, { expected, longSide, signal }) {
      const found = await seen(deps, asset, signal);
      if (found === undefined) return { kind: 'gone' };
      if (!sameFile(versionOf(found), expected)) return { kind: 'torn' };
      const bytes = await open.immich.preview(found, signal);
      return bytes === undefined ? { kind: 'torn' } : await pictures.readBytes({ bytes, longSide, signal });
    },
    async tell(asset, _content, signal) {
      const found = await seen(deps, asset, signal, {
        whole: deps.tellsTags && (await open.immich.hasTags(signal)) !== false,
      });
      if (found === undefined) return undefined;
      if (deps.tellsPeople) await deps.store.tellPeople(asset.assetId, sha256(namesOn(found.people)));
      const albums = deps.tellsAlbums ? await open.immich.albumsOf(found.id, signal) : undefined;
      const texts = found.description === '' ? undefined : await textsOf(deps, asset, found, signal);
      const facts = factsOfAsset(found, { ...(albums && { albums }), ...(texts && { texts }) });
      return { facts, fieldSha: sha256(found.description), facesAreLeft: leavesFaces(deps) };
    },
  };
}

/** Who keeps an Immich has named people there: those names count, unless it is told to look for faces on its photos too. */
const leavesFaces = ({ looksForFaces, open }: Deps): boolean =>
  looksForFaces === 'off' || (looksForFaces === 'auto' && open.recognisesFaces);

/** As a page (which may leave out tags: not `whole`) or an earlier step saw it a moment ago, or else as it is. */
const seen = async (
  deps: Deps,
  asset: AssetRef,
  signal: AbortSignal,
  { whole = false } = {},
): Promise<ImmichAsset | undefined> =>
  deps.recent.find(immichIdOf(asset), { whole }) ?? (await fresh(deps, asset, signal));

async function fresh({ open, recent }: Deps, asset: AssetRef, signal: AbortSignal) {
  const found = await open.immich.asset(immichIdOf(asset), signal);
  if (found !== undefined) recent.keep([found], { whole: true });
  return found;
}

interface Looking {
  /** When this run looked for the first time. */
  readonly firstAt: number | undefined;
  readonly signal: AbortSignal;
}

async function look(deps: Deps, asset: AssetRef, { firstAt, signal }: Looking): Promise<SettleCheck> {
  const { open, waits, now } = deps;
  // What a page saw is good enough for the first look; who waits looks for something new.
  const found = await (firstAt === undefined ? seen : fresh)(deps, asset, signal);
  if (found === undefined) return { verdict: 'gone', why: 'it was deleted in Immich' };
  const out = leftOut(found, { userId: open.record.ownerId, videos: deps.videos });
  if (out === 'trashed' || out === 'offline') return { verdict: 'gone', why: leftOutWords[out] };
  if (out !== undefined) return { verdict: 'skip', why: leftOutWords[out] };
  if (await hasItsText(deps, asset, found, signal))
    return { verdict: 'skip', why: 'it has a text that somebody wrote' };
  const { recognisesFaces } = open;
  const before = firstAt !== undefined && { first: firstAt };
  const ready = judgeReady(found, { now: now(), ...before, previewThere: found.hasPreview, recognisesFaces, ...waits });
  const stat = versionOf(found);
  if (ready.kind === 'ready') return { verdict: 'whole', stat };
  if (ready.kind === 'gone') return { verdict: 'gone', why: ready.why };
  if (ready.kind === 'no-preview') return { verdict: 'no-preview', stat, why: noPreview(found) };
  return { verdict: 'wait', waitMs: ready.waitMs, first: { stat, at: firstAt ?? now() }, why: ready.why };
}

/** A text stands there that our policy leaves alone: no model is asked for another. */
async function hasItsText(deps: Deps, assetRef: AssetRef, found: ImmichAsset, signal: AbortSignal) {
  if (found.description === '') return false;
  const texts = await textsOf(deps, assetRef, found, signal);
  // A run is started where a text is wanted: what stands there of ours is to be made anew.
  return !wantsDescription(deps.open.policy, fieldState(found.description, texts), { redo: true });
}

const textsOf = async (deps: Deps, { assetId }: AssetRef, found: ImmichAsset, signal: AbortSignal) =>
  (await fieldKnown(deps, deps.open, { assetId, found, signal })).texts;

const noPreview = ({ originalFileName }: ImmichAsset): string =>
  `Immich has made no preview of ${originalFileName}. Run its job "Generate thumbnails" for missing ones; then ` +
  'darkroom failures retry.';

/** The asset's id in Immich. */
export function immichIdOf({ path }: AssetRef): string {
  const id = assetIdOf(path);
  if (id === undefined) throw new TransientError('LibraryUnreadable', `${path} names no asset of Immich.`);
  return id;
}
