import { z } from 'zod';
import type { ImmichNamed } from '../../domain/immich.ts';
import { oneLine } from '../../domain/one-line.ts';
import { answered, type ImmichApi } from './api.ts';
import type { Throttle } from './throttle.ts';

interface NamesDeps {
  readonly api: ImmichApi;
  readonly throttle: Throttle;
  /** For a list, milliseconds. */
  readonly limitMs: number;
  readonly log: (message: string) => void;
}

const albumsAnswer = z.array(z.object({ id: z.string(), albumName: z.string() }));
const person = z.object({
  id: z.string().optional(),
  personGroupId: z.string().optional(),
  name: z.string().nullish(),
  isHidden: z.boolean().nullish(),
});
const peopleAnswer = z.object({ people: z.array(person), hasNextPage: z.boolean().nullish() });
const tagsAnswer = z.array(z.object({ id: z.string() }));

/** Albums, people and tags. */
export function createNames({ api, throttle, limitMs, log }: NamesDeps) {
  let saidAlbums = false;
  return {
    albums: async (signal: AbortSignal): Promise<readonly ImmichNamed[]> =>
      answered(await readAlbums(api, '', limitMs, signal)).map(({ id, albumName }) => ({
        id,
        name: oneLine(albumName),
      })),

    /** None where the key may not read them: albums are an extra in a prompt, and no photo should wait for a permission. */
    async albumsOf(id: string, signal: AbortSignal): Promise<readonly string[]> {
      const outcome = await readAlbums(api, `?assetId=${id}`, limitMs, signal);
      if (outcome.kind === 'gone') return [];
      if (outcome.kind !== 'forbidden') return answered(outcome).map(({ albumName }) => oneLine(albumName));
      if (!saidAlbums) log(`Prompts go without the names of albums. ${outcome.fault.message}`);
      saidAlbums = true;
      return [];
    },

    async people(signal: AbortSignal): Promise<readonly ImmichNamed[]> {
      const found: ImmichNamed[] = [];
      for (let page = 1; ; page += 1) {
        const path = `/people?page=${page}&size=500&withHidden=false`;
        const call = { method: 'GET', path, needs: 'person.read', signal, limitMs } as const;
        const { people, hasNextPage } = answered(await api.json(call, peopleAnswer));
        found.push(...people.flatMap(named));
        if (hasNextPage !== true || people.length === 0) return found;
      }
    },

    async addTags(id: string, tags: readonly string[], signal: AbortSignal): Promise<void> {
      if (tags.length === 0) return;
      const put = (path: string, needs: 'tag.create' | 'tag.asset', body: object) =>
        ({ method: 'PUT', path, needs, body, signal }) as const;
      await throttle.run(async () => {
        const made = answered(await api.json(put('/tags', 'tag.create', { tags }), tagsAnswer));
        const body = { tagIds: made.map((tag) => tag.id), assetIds: [id] };
        const outcome = await api.json(put('/tags/assets', 'tag.asset', body), z.unknown());
        if (outcome.kind !== 'gone') answered(outcome);
      }, signal);
    },
  };
}

const readAlbums = (api: ImmichApi, query: string, limitMs: number, signal: AbortSignal) =>
  api.json({ method: 'GET', path: `/albums${query}`, needs: 'album.read', signal, limitMs }, albumsAnswer);

function named({ id, personGroupId, name, isHidden }: z.output<typeof person>): ImmichNamed[] {
  const [key, words] = [id ?? personGroupId, oneLine(name ?? '')];
  return key === undefined || words === '' || isHidden === true ? [] : [{ id: key, name: words }];
}
