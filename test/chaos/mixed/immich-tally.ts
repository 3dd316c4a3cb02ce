import type { Counts } from '../../support/immich/counts.ts';
import type { LoggedCall } from './call-log.ts';
import type { ImmichPhoto, ImmichPolicy } from './immich-photos.ts';
import type { PublicationRow } from './immich-verify.ts';
import type { PhotoRow } from './rows.ts';

export interface ImmichEvidence {
  readonly policy: ImmichPolicy;
  readonly photos: readonly ImmichPhoto[];
  readonly rows: readonly PhotoRow[];
  readonly calls: readonly LoggedCall[];
  readonly counts: Pick<Counts, 'textsWritten' | 'lostHumanTexts' | 'writesAfterClear'>;
  /** What stands in Immich at the end, by id; absent: it was deleted. */
  readonly fields: ReadonlyMap<string, string>;
  readonly publications: readonly PublicationRow[];
}

export interface ImmichTally {
  /** Photos in whose field a text of ours was written. */
  readonly described: number;
  readonly humanTextLost: number;
  readonly broken: readonly string[];
}

/** Holds what stands in Immich against what was planned. */
export function tallyImmich(evidence: ImmichEvidence): ImmichTally {
  const { photos, counts, fields, policy } = evidence;
  const lost = new Set(counts.lostHumanTexts.map(({ assetId }) => assetId));
  for (const { id, typed } of photos) if (typed !== undefined && fields.get(id)?.includes(typed) !== true) lost.add(id);
  return {
    described: Object.keys(counts.textsWritten).length,
    humanTextLost: lost.size,
    broken: [
      ...photos.flatMap(({ id, path }) =>
        lost.has(id) ? [`${path}: the text of a person is lost: ${fields.get(id)}`] : [],
      ),
      ...photos.flatMap((photo) => wrongWrites(photo, policy, counts.textsWritten[photo.id] ?? 0)),
      ...wrongFields(evidence),
      ...neverToBeAsked(evidence),
    ],
  };
}

function wrongWrites({ path, lot, fate }: ImmichPhoto, policy: ImmichPolicy, writes: number): string[] {
  const stays = policy === 'none' && (lot === 'before' || lot === 'thinking' || lot === 'last look');
  const isWanted = fate === 'described' && lot !== 'deleted' && !stays;
  return writes > 0 === isWanted ? [] : [`${path} (${lot ?? fate}) was written ${writes} times`];
}

/** Fields that are neither ours as it was meant, nor accounted for. */
function wrongFields({ photos, rows, fields, publications, policy }: ImmichEvidence): string[] {
  const texts = new Map(rows.map(({ path, text }) => [path, text ?? undefined]));
  const states = new Map(publications.map(({ path, state }) => [path, state]));
  return photos.flatMap(({ id, path, lot, fate, typed }) => {
    const [field, text] = [fields.get(id), texts.get(path)];
    const said = `${path} (${lot ?? fate}): “${field}” stands in Immich, its text is “${text}”, ${states.get(path)}`;
    if (lot === 'deleted') return field === undefined ? [] : [said];
    if (fate !== 'described') return field === '' ? [] : [said];
    // Put back once and lost again: it is reported.
    if (lot === 'wiped') return field === '' && states.get(path) === 'wiped' ? [] : [said];
    if (typed === undefined) return field === text && states.get(path) === 'written' ? [] : [said];
    if (lot === 'after') return field?.includes(typed) === true ? [] : [said];
    if (policy === 'none') return field === typed ? [] : [said];
    return text !== undefined && field?.includes(text) === true && field.includes(typed) ? [] : [said];
  });
}

function neverToBeAsked({ photos, calls }: ImmichEvidence): string[] {
  const asked = new Set(calls.map(({ picture }) => picture));
  return photos.flatMap(({ path, picture, calls: wanted }) =>
    wanted === 'none' && picture !== undefined && asked.has(picture) ? [`a model was asked about ${path}`] : [],
  );
}
