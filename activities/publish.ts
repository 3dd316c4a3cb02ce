import type { Activities, PublishInput, PublishResult } from '../domain/contract.ts';
import { TransientError } from '../domain/errors.ts';
import { mergeField } from '../domain/field-text.ts';
import type { OpenImmich } from '../domain/immich-store.ts';
import type { ImmichAsset } from '../domain/immich.ts';
import { isLeftAlone } from '../domain/undo.ts';
import { decideWrite, fieldState, ourParts, partWritten } from '../domain/write-policy.ts';
import { type FieldKnown, fieldKnown } from './field-known.ts';
import { heartbeating } from './heartbeat.ts';
import type { ImmichDeps } from './immich-deps.ts';
import { immichIdOf } from './immich-source.ts';

export interface PublishDeps {
  readonly immich?: ImmichDeps | undefined;
  readonly now: () => number;
}

/** How often the field may change between a look and the write, one after the other, before that is left for later. */
const mostLooks = 3;

/**
 * Puts a description into the field of the library. What is meant is kept before it is done, so that a retry knows our own text;
 * the field is read just before it is written, so that a person's text which came meanwhile stays, by the policy.
 */
export const createPublishActivities = ({ immich: deps, now }: PublishDeps): Pick<Activities, 'publish'> => ({
  publish: (input) =>
    heartbeating(async (signal) => {
      const open = await deps?.immichs.of(input.asset.library, { fresh: true });
      if (deps === undefined || open === undefined) return { kind: 'kept', note: 'the library has no such field' };
      if (open.record.firstLook !== 'over') return await held(deps, input);
      for (let look = 1; look <= mostLooks; look += 1) {
        const done = await publishOnce({ ...deps, now }, open, input, signal);
        if (done !== undefined) return done;
      }
      throw new TransientError('ImmichUnavailable', 'The description changes while it is written; later once more.');
    }),
});

async function held({ publications }: ImmichDeps, input: PublishInput): Promise<PublishResult> {
  const note = 'not written: this is the first look';
  await publications.leave({ ...idsOf(input), state: 'held', note });
  return { kind: 'held', note };
}

type Deps = ImmichDeps & Pick<PublishDeps, 'now'>;

/** Undefined where the field changed before it could be written. */
async function publishOnce(
  deps: Deps,
  open: OpenImmich,
  input: PublishInput,
  signal: AbortSignal,
): Promise<PublishResult | undefined> {
  const { publications, sha256 } = deps;
  const found = await open.immich.asset(immichIdOf(input.asset), signal);
  if (found === undefined) return { kind: 'gone', note: 'it was deleted in Immich' };
  const field = found.description;
  const known = await fieldKnown(deps, open, { assetId: input.asset.assetId, found, signal });
  if (isLeftAlone(known.publication, { field, recipeHash: input.key.recipeHash }))
    return { kind: 'kept', note: 'not written: a person had it taken out' };
  const text = composed(deps, open, input, known, field);
  if (text === undefined) {
    const note = 'not written: a text that somebody wrote stays';
    await publications.leave({ ...idsOf(input), state: 'kept', note });
    return { kind: 'kept', note };
  }
  const textSha = sha256(text);
  const part = partWritten(field, text, known.texts);
  const partSha = part === undefined ? undefined : sha256(part);
  const meant = { before: field, text, textSha, partSha, taken: found.fileCreatedAt };
  await publications.intend({ ...idsOf(input), ...meant });
  if (text !== field) {
    const written = await open.immich.writeDescription({ id: found.id, text, seen: field, signal });
    if (written === 'differs') return undefined;
    if (written === 'gone') return { kind: 'gone', note: 'it was deleted in Immich' };
  }
  await leaveBeside(deps, open, { input, found, textSha, partSha, signal });
  await publications.written(input.asset.assetId, deps.now());
  return text === field
    ? { kind: 'same', note: 'it stands there already' }
    : { kind: 'written', note: 'written to Immich' };
}

/** The whole field as it is to be, after trim; undefined where it stays as it is. */
function composed(
  { wrapper, sha256 }: Deps,
  { policy }: OpenImmich,
  { description, fieldSha }: PublishInput,
  { texts }: FieldKnown,
  field: string,
): string | undefined {
  const state = fieldState(field, texts);
  const action = decideWrite({
    policy,
    state,
    // A run that comes here was wanted, whatever stands there of ours.
    recipeIsSame: false,
    appendOwn: true,
    changedMeanwhile: sha256(field) !== fieldSha,
  });
  if (action === 'keep') return undefined;
  const previous = texts.part;
  return mergeField({ field, text: description.text, action, wrapper, previous, isOurs: ourParts(texts) }).trim();
}

interface Left {
  readonly input: PublishInput;
  readonly found: ImmichAsset;
  readonly textSha: string;
  readonly partSha: string | undefined;
  readonly signal: AbortSignal;
}

/** Whose text it is, for a Darkroom that lost its rows; and the tags, where they are wanted. */
async function leaveBeside(
  deps: Deps,
  { immich }: OpenImmich,
  { input, found, textSha, partSha, signal }: Left,
): Promise<void> {
  const { key, description } = input;
  const at = new Date(deps.now()).toISOString();
  const shas = { textSha, ...(partSha !== undefined && { partSha }) };
  const provenance = { recipe: key.recipeHash, model: description.model, ...shas, at };
  await immich.writeProvenance([{ id: found.id, provenance }], signal);
  const tags = deps.publishesTags ? (description.tags ?? []) : [];
  if (tags.length > 0) await immich.addTags(found.id, tags, signal);
}

const idsOf = ({ asset, key, workflowId, runId }: PublishInput) => ({
  asset,
  workflowId,
  runId,
  recipeHash: key.recipeHash,
});
