import { namesOn, type PeopleMark } from './immich-people.ts';
import type { ImmichRecord, KnownImmichAsset } from './immich-store.ts';
import type { ImmichAsset } from './immich.ts';
import { needsImmichRun, type RunNeed } from './needs-immich-run.ts';
import type { KnownTexts, WritePolicy } from './write-policy.ts';

/** By what the photos of a page are judged, all of one library. */
export interface PageRules extends Pick<KnownTexts, 'ignore' | 'sha'> {
  readonly record: Pick<ImmichRecord, 'ownerId' | 'firstLook'>;
  readonly policy: WritePolicy;
  /** Undefined: a description under any recipe will do. */
  readonly recipeHash: string | undefined;
  readonly videos: boolean;
  /** Does the wanted prompt tell who is on a photo? Where it does not, names make no text outdated. Absent: marks stay. */
  readonly tellsPeople?: boolean;
  /** Somebody asked for them to be made anew. */
  readonly redo?: boolean;
}

export interface JudgedPage {
  /** In the order of the page. */
  readonly needed: readonly KnownImmichAsset[];
  /** Whose rows are to say why nothing is done for them, and do not yet. */
  readonly skips: readonly { readonly assetId: string; readonly reason: string }[];
  /** Whose rows are to say whether people were named since, and say otherwise. */
  readonly marks: readonly PeopleMark[];
  /** Of those that need nothing: the parked ones. */
  readonly parked: number;
}

/** Which photos of a page need a run? `known` is what `ImmichStore.register` answered for `assets`. */
export function judgePage(
  known: readonly KnownImmichAsset[],
  assets: readonly ImmichAsset[],
  rules: PageRules,
): JudgedPage {
  const judged = known.flatMap((one, at) => {
    const asset = assets[at];
    return asset === undefined ? [] : [{ one, asset, need: needOf(one, asset, rules) }];
  });
  return {
    needed: judged.filter(({ need }) => need.run).map(({ one }) => one),
    skips: judged.flatMap(({ one, need }) =>
      need.run || need.state !== 'skipped' || one.state === 'skipped'
        ? []
        : [{ assetId: one.asset.assetId, reason: need.why }],
    ),
    marks: judged.flatMap(({ one, asset }) => markOf(one, asset, rules)),
    parked: judged.filter(({ one, need }) => !need.run && one.state === 'parked').length,
  };
}

function needOf(known: KnownImmichAsset, asset: ImmichAsset, rules: PageRules): RunNeed {
  const { record, recipeHash, policy, videos, ignore, sha, redo = false } = rules;
  const { publication } = known;
  return needsImmichRun({ ...known, published: publication?.state }, asset, {
    recipeHash,
    policy,
    userId: record.ownerId,
    videos,
    firstLook: record.firstLook !== 'over',
    redo,
    texts: {
      ours: publication?.shas ?? [],
      parts: publication?.partShas ?? [],
      part: undefined,
      ignore,
      sha,
    },
  });
}

function markOf(
  { asset: { assetId }, people: { told, changed } }: KnownImmichAsset,
  { people }: ImmichAsset,
  { tellsPeople, sha }: PageRules,
): readonly PeopleMark[] {
  if (told === undefined || tellsPeople === undefined) return [];
  const isOther = tellsPeople && sha(namesOn(people)) !== told;
  return isOther === changed ? [] : [{ assetId, told, changed: isOther }];
}
