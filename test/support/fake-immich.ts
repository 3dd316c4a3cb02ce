import type { ImmichAsset, ImmichLibrary, ImmichPageInput } from '../../domain/immich.ts';
import type { ImmichRecord, ImmichStore, KnownImmichAsset, OpenImmich } from '../../domain/immich-store.ts';
import { immichAsset } from './immich-asset.ts';

/** An Immich in memory, as far as who looks for new photos asks it: pages by when they were taken, and one by its id. */
export function createFakeImmich(record: ImmichRecord) {
  const assets = new Map<string, ImmichAsset>();
  const rows = new Map<string, KnownImmichAsset>();
  const asked: Pick<ImmichPageInput, 'createdAfter' | 'cursor'>[] = [];
  const fake = {
    assets,
    rows,
    asked,
    /** Thrown by every method while it is set. */
    fault: undefined as Error | undefined,
    /** Called when a page is asked for, after it was noted in `asked`. */
    beforePage: (): void => undefined,
    polledUntil: [] as number[],
    registered: 0,
    /** At most so many in a page. */
    pageSize: 2,
    put: (nth: number, more: Partial<ImmichAsset> = {}): string => {
      const id = `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`;
      assets.set(id, immichAsset({ id, ownerId: record.ownerId, fileCreatedAt: nth, ...more }));
      return id;
    },
  };
  const page: ImmichLibrary['page'] = async ({ createdAfter, cursor }) => {
    asked.push({ cursor, ...(createdAfter !== undefined && { createdAfter }) });
    fake.beforePage();
    if (fake.fault !== undefined) throw fake.fault;
    const found = [...assets.values()]
      .filter((asset) => asset.createdAt >= (createdAfter ?? -Infinity))
      .sort((a, b) => b.fileCreatedAt - a.fileCreatedAt);
    const from = Number(cursor ?? 0);
    const next = from + fake.pageSize < found.length ? String(from + fake.pageSize) : undefined;
    return { assets: found.slice(from, from + fake.pageSize), next };
  };
  const no = (): never => {
    throw new Error('who looks for new photos does not ask this');
  };
  const immich: ImmichLibrary = {
    page,
    async asset(id) {
      if (fake.fault !== undefined) throw fake.fault;
      return assets.get(id);
    },
    ping: no,
    account: no,
    preview: no,
    writeDescription: no,
    provenance: no,
    writeProvenance: no,
    albumsOf: no,
    albums: no,
    people: no,
    hasTags: async () => [...assets.values()].some(({ tags }) => tags.length > 0),
    addTags: no,
    close: no,
  };
  const store: Pick<ImmichStore, 'register' | 'skip' | 'markPeople' | 'setPolled'> = {
    async register(library, found) {
      fake.registered += 1;
      return found.map(({ id, path }) => {
        const row: KnownImmichAsset = rows.get(id) ?? {
          asset: { assetId: id, library: library.name, path },
          rawPath: new TextEncoder().encode(id),
          state: 'new',
          stat: undefined,
          endedRecipe: undefined,
          publication: undefined,
          people: { told: undefined, changed: false },
        };
        rows.set(id, row);
        return row;
      });
    },
    skip: async () => undefined,
    markPeople: async () => undefined,
    setPolled: async (_id, until) => void fake.polledUntil.push(until),
  };
  const open: OpenImmich = { record, immich, policy: 'none', recognisesFaces: true };
  return Object.assign(fake, { immich, store, open, immichs: { of: async () => open } });
}
