import { randomUUID } from 'node:crypto';
import { firstLookLines, firstLookReason } from '../../domain/first-look.ts';
import type { ImmichRecord } from '../../domain/immich-store.ts';
import { holdingFor, keptInWords } from '../../domain/kept-pause.ts';
import { pageOfPhoto } from '../../domain/photo-name.ts';
import { fileName } from '../../domain/asset.ts';
import type { Opened } from '../open.ts';
import { grouped, type Output, wrapped } from '../output.ts';
import { UsageError } from '../usage-error.ts';

export interface FirstLookDeps {
  readonly assets: Pick<Opened['assets'], 'libraries'>;
  readonly kept: Pick<Opened['kept'], 'look' | 'resume'>;
  readonly photos: Pick<Opened['photos'], 'scan'>;
  readonly immich: {
    readonly store: Pick<Opened['immich']['store'], 'libraries' | 'setFirstLook'>;
    readonly firstLook: Pick<Opened['immich']['firstLook'], 'held' | 'open'>;
  };
}

interface Asked {
  /** Undefined: the only Immich library, or the only one whose first look is not over. */
  readonly name: string | undefined;
  readonly json: boolean;
}

/** FIRST_LOOK is at most this. */
const mostShown = 100;

/**
 * A person's word to go on: lifts the pause of the first look, and starts the pass through the whole library. Killed in the middle
 * it is done by the engine, which takes a lifted pause for this word. Throws UsageError where there is no first look to end.
 */
export async function endFirstLook(opened: FirstLookDeps, out: Output, { name, json }: Asked): Promise<void> {
  const { immich, kept, photos } = opened;
  const record = await inFirstLook(opened, name);
  const target = { kind: 'library', name: record.name } as const;
  const now = Date.now();
  const holding = holdingFor((await kept.look()).pauses, target, now);
  const isOurs = holding?.why === firstLookReason;
  const held = await immich.firstLook.held(record.id, mostShown);
  if (holding !== undefined && isOurs) await kept.resume(target, randomUUID());
  // The pass comes last: one that begins sooner passes over what is held. Killed before it, the next start or the night brings one.
  await immich.store.setFirstLook(record.id, 'over');
  await photos.scan(record.name, 'the first look is over');
  const still = holding === undefined || isOurs ? undefined : keptInWords(holding, now);
  if (json) {
    const stillPaused = still === undefined ? null : holding;
    return out.json({
      library: record.name,
      firstLook: 'over',
      was: record.firstLook,
      texts: held.length,
      stillPaused,
    });
  }
  for (const text of toldAfter(record, held.length, still))
    for (const line of wrapped(text, out.columns)) out.line(line);
}

const toldAfter = ({ name, firstLook }: ImmichRecord, texts: number, still: string | undefined): string[] => [
  `The first look at ${name} is over${firstLook === 'due' ? ', before it was through' : ''}.`,
  ...(texts > 0
    ? [`${grouped(texts)} ${texts === 1 ? 'text that waits is' : 'texts that wait are'} written to Immich now.`]
    : []),
  still === undefined
    ? 'The rest of the library follows, newest photos first: "darkroom status" shows it.'
    : `Nothing goes on yet: ${still}`,
];

/** Prints again what the first look showed. Throws UsageError where there is no Immich library of that name. */
export async function showFirstLook(opened: FirstLookDeps, out: Output, { name, json }: Asked): Promise<void> {
  const { firstLook } = opened.immich;
  const record = await immichLibrary(opened, name);
  const [held, open] = await Promise.all([firstLook.held(record.id, mostShown), firstLook.open(record.id)]);
  if (json) {
    const texts = held.map((one) => ({ ...one, fileName: fileName(one.path), page: pageOfPhoto(one, record) ?? null }));
    return out.json({ library: record.name, root: record.root, firstLook: record.firstLook, underWay: open, texts });
  }
  const say = (text: string) => {
    for (const line of text === '' ? [''] : wrapped(text, out.columns)) out.line(line);
  };
  if (record.firstLook === 'over') {
    say(
      `The first look at ${record.name} is over: what it made goes to Immich. "darkroom status" shows how far it is.`,
    );
    return;
  }
  if (record.firstLook === 'due') {
    say(
      `The first look at ${record.name} is not through yet: ${grouped(held.length)} described, ${grouped(open)} under way.`,
    );
    if (held.length === 0) return;
  }
  for (const line of firstLookLines(record, held)) say(line);
}

async function immichLibrary(opened: FirstLookDeps, name: string | undefined): Promise<ImmichRecord> {
  const records = await opened.immich.store.libraries();
  const named = records.find((one) => one.name === name);
  if (named !== undefined) return named;
  const names = records.map((one) => one.name).join(', ');
  if (records.length === 0) throw new UsageError(noImmich);
  if (name === undefined) {
    const waiting = records.filter(({ firstLook }) => firstLook !== 'over');
    const [only, ...more] = waiting.length === 0 ? records : waiting;
    if (only !== undefined && more.length === 0) return only;
    throw new UsageError(`Which library? There are: ${names}`);
  }
  const isFolder = (await opened.assets.libraries()).some((one) => one.name === name || one.root === name);
  throw new UsageError(
    isFolder
      ? `${name} is a folder: only libraries of an Immich have a first look. There are: ${names}`
      : `There is no Immich library called ${name}. There are: ${names}`,
  );
}

const noImmich =
  'There is no Immich library yet, and only these have a first look. IMMICH_API_URL and IMMICH_API_KEY make one (docs/immich.md).';

async function inFirstLook(opened: FirstLookDeps, name: string | undefined): Promise<ImmichRecord> {
  const record = await immichLibrary(opened, name);
  if (record.firstLook !== 'over') return record;
  throw new UsageError(
    `There is no first look at ${record.name} to end: it is over. "darkroom backfill ${record.name}" without --go looks ` +
      'through the library now.',
  );
}
