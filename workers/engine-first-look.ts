import { randomUUID } from 'node:crypto';
import type { Photos } from '../clients/photos.ts';
import { isDomainError } from '../domain/errors.ts';
import { type FirstLookQueries, firstLookLines, firstLookReason } from '../domain/first-look.ts';
import type { ImmichRecord, ImmichStore } from '../domain/immich-store.ts';
import { holdingFor, type KeptPauses } from '../domain/kept-pause.ts';
import type { Logger } from '../runtime/log.ts';
import { pause } from '../runtime/when-aborted.ts';

export interface FirstLookDeps {
  readonly store: Pick<ImmichStore, 'libraries' | 'setFirstLook'>;
  readonly queries: FirstLookQueries;
  readonly kept: Pick<KeptPauses, 'look' | 'pause' | 'resume'>;
  /** No first look is wanted: FIRST_LOOK=0. */
  readonly isUnwanted: boolean;
  readonly photos: Pick<Photos, 'scan' | 'scanning'>;
  readonly say: (text: string) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const everyMs = 1_000;
const mostShown = 100;

/**
 * Waits until nothing of the first look is left, as long as that takes: its photos described and shown, and a person's word to go
 * on. Every step is kept in the library's row, so that a restart goes on where it was.
 */
export async function firstLookOver(deps: FirstLookDeps, name: string): Promise<boolean> {
  while (!deps.signal.aborted) {
    try {
      const record = (await deps.store.libraries()).find((one) => one.name === name);
      if (record === undefined || record.firstLook === 'over') return record !== undefined;
      if (deps.isUnwanted) await letGo(deps, record);
      else await (record.firstLook === 'due' ? showWhenDone(deps, record) : goOnWhenResumed(deps, record));
    } catch (error) {
      // The database or Temporal is away; the library waits meanwhile.
      deps.log.debug({ library: name, err: error, expected: isDomainError(error) }, 'The first look waits');
    }
    await pause(everyMs, deps.signal);
  }
  return false;
}

async function showWhenDone({ store, queries, kept, photos, say }: FirstLookDeps, record: ImmichRecord): Promise<void> {
  const { id, name } = record;
  if ((await photos.scanning(name)) || (await queries.open(id)) > 0) return;
  const held = await queries.held(id, mostShown);
  // Nothing in it needs a text: there is nothing to show, and what comes later is not to wait for a word.
  if (held.length === 0) return await store.setFirstLook(id, 'over');
  const why = { id: randomUUID(), by: 'darkroom', why: firstLookReason, since: Date.now() };
  // The pause first: were it the other way round, a death between the two would look like a person's resume.
  await kept.pause({ kind: 'library', name }, why);
  await store.setFirstLook(id, 'shown');
  for (const line of firstLookLines(record, held)) say(line);
}

async function goOnWhenResumed({ store, kept, photos }: FirstLookDeps, { id, name }: ImmichRecord): Promise<void> {
  const pauses = await kept.look();
  if (holdingFor(pauses.pauses, { kind: 'library', name }, Date.now()) !== undefined) return;
  await store.setFirstLook(id, 'over');
  await photos.scan(name, 'the first look is over');
}

async function letGo({ store, kept, photos }: FirstLookDeps, { id, name }: ImmichRecord): Promise<void> {
  const target = { kind: 'library', name } as const;
  const held = holdingFor((await kept.look()).pauses, target, Date.now());
  if (held?.why === firstLookReason) await kept.resume(target, held.id);
  await store.setFirstLook(id, 'over');
  await photos.scan(name, 'no first look is wanted');
}
