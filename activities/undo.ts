import type { AssetRef } from '../domain/asset.ts';
import type { Activities } from '../domain/contract.ts';
import { assetIdOf } from '../domain/immich-rules.ts';
import type { OpenImmich } from '../domain/immich-store.ts';
import type { ImmichAsset } from '../domain/immich.ts';
import { addUndone, nothingUndone, type UndoPageInput, type UndoPageResult, type UndoTally } from '../domain/undo.ts';
import type { UndoableText, UndoStore } from '../domain/undo-store.ts';
import { heartbeating } from './heartbeat.ts';
import type { ImmichDeps } from './immich-deps.ts';
import { readBack } from './read-back.ts';

export interface UndoDeps {
  readonly immich?: Pick<ImmichDeps, 'immichs' | 'videos' | 'sha256'> | undefined;
  /** Absent where there is no library with a field of its own. */
  readonly undos?: UndoStore | undefined;
}

type Undoing = Pick<ImmichDeps, 'immichs' | 'videos' | 'sha256'> & { readonly undos: UndoStore };

const pageSize = 200;
const writesAtOnce = 4;

/** Puts back what stood in a library's field before we wrote there, where it is still as we wrote it. */
export const createUndoActivities = ({ immich, undos }: UndoDeps): Pick<Activities, 'undoPage' | 'countUndoable'> => ({
  countUndoable: ({ choice }) =>
    heartbeating(async () => {
      // It is only told, and counting a million texts may take longer than the database is waited for.
      const count = await undos?.count(choice).catch(() => undefined);
      return count === undefined ? {} : { count };
    }),
  undoPage: (input) =>
    heartbeating(async (signal) =>
      immich === undefined || undos === undefined ? nothingUndone : await undoPage({ ...immich, undos }, input, signal),
    ),
});

async function undoPage(
  deps: Undoing,
  { choice, after, limit = Infinity, dryRun }: UndoPageInput,
  signal: AbortSignal,
): Promise<UndoPageResult> {
  const { texts, next } = await deps.undos.page({ choice, after, limit: Math.min(pageSize, limit) });
  let sum = nothingUndone;
  for (const [library, ofLibrary] of Map.groupBy(texts, ({ asset }) => asset.library)) {
    const open = await deps.immichs.of(library, { fresh: true });
    if (open === undefined) continue;
    const read = ofLibrary.map((text) => ({ text, id: assetIdOf(text.asset.path) ?? '' }));
    const found = await readBack(
      { immich: open.immich, videos: deps.videos },
      read.map(({ text, id }) => ({ id, taken: text.taken })),
      signal,
    );
    for (let at = 0; at < read.length; at += writesAtOnce) {
      signal.throwIfAborted();
      const some = read.slice(at, at + writesAtOnce);
      const ended = await Promise.all(
        some.map(({ text, id }) => undoOne(deps, open, { text, seen: found.get(id), dryRun }, signal)),
      );
      for (const [nth, end] of ended.entries()) sum = addUndone(sum, tallyOf(end, some[nth]?.text.asset));
    }
  }
  return { ...sum, ...(next !== undefined && { next }) };
}

interface Candidate {
  readonly text: UndoableText;
  /** As it was read a moment ago; undefined where it is gone. */
  readonly seen: ImmichAsset | undefined;
  readonly dryRun: boolean;
}

async function undoOne(
  { undos, sha256 }: Undoing,
  { immich }: OpenImmich,
  { text, seen, dryRun }: Candidate,
  signal: AbortSignal,
): Promise<'undone' | 'edited' | 'gone'> {
  const { textSha, isUnderWay, publication } = text;
  const key = { assetId: text.asset.assetId, textSha };
  const before = (publication.before ?? '').trim();
  const isOurs = ({ description }: ImmichAsset) => sha256(description) === textSha;
  // A process ended between the write and its row.
  const isBack = ({ description }: ImmichAsset) => isUnderWay && description === before;
  if (seen === undefined) return 'gone';
  if (!isOurs(seen) && !isBack(seen)) return await changed(undos, { ...key, seen, isUnderWay, dryRun });
  if (dryRun) return 'undone';
  if (!(await undos.begin(key))) return 'edited';
  const { id } = seen;
  // The look was one at many, and some of them may have been written since.
  const now = await immich.asset(id, signal);
  if (now === undefined) return 'gone';
  if (isOurs(now) && now.description !== before) {
    const written = await immich.writeDescription({ id, text: before, seen: now.description, signal });
    if (written !== 'written') return written === 'gone' ? 'gone' : 'edited';
  } else if (now.description !== before) return await changed(undos, { ...key, seen: now, isUnderWay: true, dryRun });
  await immich.writeProvenance([{ id, provenance: undefined }], signal);
  await undos.undone(key);
  return 'undone';
}

interface Changed {
  readonly assetId: string;
  readonly textSha: string;
  readonly seen: ImmichAsset;
  readonly isUnderWay: boolean;
  readonly dryRun: boolean;
}

/** Whoever changed it wants it so. */
async function changed(undos: UndoStore, { assetId, textSha, seen, isUnderWay, dryRun }: Changed): Promise<'edited'> {
  if (isUnderWay && !dryRun) await undos.left({ assetId, textSha, isEmpty: seen.description === '' });
  return 'edited';
}

const tallyOf = (end: 'undone' | 'edited' | 'gone', asset: AssetRef | undefined): UndoTally => ({
  looked: 1,
  undone: end === 'undone' ? 1 : 0,
  edited: end === 'edited' ? 1 : 0,
  gone: end === 'gone' ? 1 : 0,
  listed: end === 'edited' && asset !== undefined ? [asset] : [],
});
