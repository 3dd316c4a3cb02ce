import { z } from 'zod';
import { ownerKey, type SkipReason, skippedInWords } from '../../domain/immich-status.ts';
import type { ImmichRecord } from '../../domain/immich-store.ts';
import { clock } from '../../domain/pause.ts';
import type { PublishedCounts } from '../../domain/published.ts';
import type { VerifyReport } from '../../domain/verify.ts';
import { allEnded } from '../all-ended.ts';
import type { Opened } from '../open.ts';
import { grouped } from '../output.ts';
import { lastVerified, publishedLines } from './published.ts';

/** What is only told of libraries of an Immich. */
export interface ImmichNow extends Pick<ImmichRecord, 'name' | 'root' | 'firstLook' | 'readOnlySince'> {
  /** Name of the user and version of the server, as Immich last told. */
  readonly owner?: string;
  readonly version?: string;
  /** The most frequent first. */
  readonly skipped: readonly Omit<SkipReason, 'library'>[];
  /** Texts that were made and wait for a person's word. */
  readonly held: number;
  /** What became of the texts that were written; absent where none was. */
  readonly published?: PublishedCounts;
  /** The last round in which texts were looked at again. */
  readonly verified?: VerifyReport;
}

export interface ImmichSources extends Pick<Opened, 'facts' | 'published'> {
  readonly immich: {
    readonly store: Pick<Opened['immich']['store'], 'libraries'>;
    readonly status: Opened['immich']['status'];
  };
}

const ownerFact = z.object({ owner: z.string(), version: z.string() });

export async function immichsNow({ immich, facts, published }: ImmichSources): Promise<readonly ImmichNow[]> {
  const records = await immich.store.libraries();
  if (records.length === 0) return [];
  const owners = Promise.all(records.map(({ name }) => facts.get(ownerKey(name))));
  const [skipped, held, told, texts, verified] = await allEnded([
    immich.status.skipReasons(),
    immich.status.heldTexts(),
    owners,
    published.published(),
    lastVerified(facts),
  ] as const);
  return records.map(({ name, root, firstLook, readOnlySince }, at) => ({
    name,
    root,
    firstLook,
    ...(readOnlySince !== undefined && { readOnlySince }),
    ...ownerFact.safeParse(told[at]?.value).data,
    skipped: skipped.filter(({ library }) => library === name).map(({ reason, count }) => ({ reason, count })),
    held: held.find(({ library }) => library === name)?.count ?? 0,
    ...publishedOf(texts, name),
    ...(verified !== undefined && { verified }),
  }));
}

function publishedOf(texts: readonly PublishedCounts[], name: string): Pick<ImmichNow, 'published'> {
  const published = texts.find(({ library }) => library === name);
  return published === undefined ? {} : { published };
}

/** What stands on top of everything else: a person's word is waited for, or will be. */
export const firstLookNews = (immichs: readonly ImmichNow[]): string[] =>
  immichs.flatMap(({ name, firstLook, held }) => {
    if (firstLook === 'over') return [];
    if (firstLook === 'due') {
      const made = held === 0 ? '' : ` (${grouped(held)} so far)`;
      return [`First look at ${name}: its newest photos are described${made}, nothing is written to Immich yet`];
    }
    return [
      `First look at ${name}: ${grouped(held)} ${held === 1 ? 'text waits' : 'texts wait'} for your word, nothing is written ` +
        `to Immich yet. Read them: darkroom immich first-look ${name} · Go on with all: darkroom backfill ${name} --go`,
    ];
  });

/** Below the line of the library: whose it is, what was skipped, what is in the way. */
export function immichLines(
  { owner, version, skipped, held, firstLook, readOnlySince, published, verified }: ImmichNow,
  now: number,
): string[] {
  const reasons = skippedInWords(skipped, grouped);
  return [
    ...(owner === undefined ? [] : [`photos of ${owner}, Immich ${version}`]),
    ...(reasons === undefined ? [] : [reasons]),
    ...(firstLook === 'over' && held > 0 ? [`${grouped(held)} described and not written yet`] : []),
    ...publishedLines(published, verified, now),
    ...(readOnlySince === undefined
      ? []
      : [
          `read-only: since ${clock(readOnlySince, now)} it is known that Immich wipes what is written (docs/immich.md)`,
        ]),
  ];
}
