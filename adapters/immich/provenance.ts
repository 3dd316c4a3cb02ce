import { z } from 'zod';
import { isDomainError } from '../../domain/errors.ts';
import type { Provenance } from '../../domain/immich.ts';
import { answered, type ImmichApi } from './api.ts';
import { createBatcher } from './batcher.ts';
import { unavailable } from './faults.ts';
import type { Throttle } from './throttle.ts';

/** Under which it stands in Immich's metadata of an asset (sheet 3.6). */
const provenanceKey = 'darkroom';
/** A write of one photo is one item; this bounds what a long queue makes of it. */
const mostAtOnce = 200;

const sha = z.string().regex(/^[0-9a-f]{64}$/);
const provenanceSchema = z.object({
  recipe: sha,
  model: z.string(),
  textSha: sha,
  partSha: sha.optional(),
  at: z.string(),
});
const listAnswer = z.array(z.object({ key: z.string(), value: z.unknown() }));

/** What stands under our key; undefined for nothing, and for what Darkroom would not have written. */
const provenanceIn = (value: unknown): Provenance | undefined => provenanceSchema.safeParse(value).data;

interface Item {
  readonly id: string;
  readonly provenance: Provenance | undefined;
}

interface ProvenanceDeps {
  readonly api: ImmichApi;
  readonly throttle: Throttle;
  readonly joinMs: number;
  /** Milliseconds for one request. */
  readonly limitMs: number;
}

/** Reads and writes what is left beside a text. Writes that come together go in one request. */
export function createProvenances({ api, throttle, joinMs, limitMs }: ProvenanceDeps) {
  const writer = createWriter(api);
  const write = async (items: readonly Item[]): Promise<void> => {
    // A limit of its own, for the wait too: the callers' signals are theirs, and one batch has several callers.
    const limit = AbortSignal.timeout(limitMs * 4);
    try {
      await throttle.run(() => writer(items, limit), limit);
    } catch (error) {
      if (!limit.aborted || isDomainError(error)) throw error;
      throw unavailable(api.server, `took no metadata within ${(limitMs * 4) / 1_000} s`, { cause: error });
    }
  };
  const batcher = createBatcher<Item>({ waitMs: joinMs, most: mostAtOnce, run: write });
  return {
    async read(id: string, signal: AbortSignal): Promise<Provenance | undefined> {
      const call = { method: 'GET', path: `/assets/${id}/metadata`, needs: 'asset.read', signal } as const;
      const outcome = await api.json(call, listAnswer);
      if (outcome.kind === 'gone') return undefined;
      return provenanceIn(answered(outcome).find(({ key }) => key === provenanceKey)?.value);
    },
    write: (items: readonly Item[], signal: AbortSignal): Promise<void> => batcher.add(items, signal),
  };
}

type Write = (items: readonly Item[], signal: AbortSignal) => Promise<void>;

/**
 * Immich writes all of a list or none of it: where one asset is gone, each goes alone. A server without the route takes the
 * path for the id of an asset and refuses that; it is not asked again.
 */
function createWriter(api: ImmichApi): Write {
  let hasBulk = true;
  /** `gone` where one of them is, and then none was written. */
  const bulk = async (items: readonly Item[], signal: AbortSignal): Promise<'done' | 'gone' | 'no-route'> => {
    const [set, cleared] = [items.filter((item) => !isCleared(item)), items.filter(isCleared)];
    for (const [method, part] of [
      ['PUT', set],
      ['DELETE', cleared],
    ] as const) {
      if (part.length === 0) continue;
      const outcome = await api.json(bulkCall(method, part, signal), z.unknown());
      if (outcome.kind === 'forbidden') throw outcome.fault;
      if (outcome.kind === 'gone') return 'gone';
      if (outcome.kind !== 'answer') return 'no-route';
    }
    return 'done';
  };
  const single = async (item: Item, signal: AbortSignal): Promise<void> => {
    const outcome = await api.json(singleCall(item, signal), z.unknown());
    if (outcome.kind !== 'gone') answered(outcome);
  };
  const all = async (items: readonly Item[], signal: AbortSignal): Promise<void> => {
    if (items.length === 0) return;
    const ended = hasBulk ? await bulk(items, signal) : 'no-route';
    if (ended === 'done' || (ended === 'gone' && items.length === 1)) return;
    if (ended === 'no-route') hasBulk = false;
    for (const item of items) await (hasBulk ? all([item], signal) : single(item, signal));
  };
  // The last word for each: Immich refuses a list that names one twice.
  return (items, signal) => all([...new Map(items.map((item) => [item.id, item])).values()], signal);
}

const isCleared = ({ provenance }: Item): boolean => provenance === undefined;

const bulkCall = (method: 'PUT' | 'DELETE', items: readonly Item[], signal: AbortSignal) => ({
  method,
  path: '/assets/metadata',
  body: {
    items: items.map(({ id, provenance }) => ({
      assetId: id,
      key: provenanceKey,
      ...(provenance && { value: provenance }),
    })),
  },
  needs: 'asset.update' as const,
  signal,
});

const singleCall = ({ id, provenance }: Item, signal: AbortSignal) => ({
  ...(provenance === undefined
    ? { method: 'DELETE' as const, path: `/assets/${id}/metadata/${provenanceKey}` }
    : {
        method: 'PUT' as const,
        path: `/assets/${id}/metadata`,
        body: { items: [{ key: provenanceKey, value: provenance }] },
      }),
  needs: 'asset.update' as const,
  signal,
});
