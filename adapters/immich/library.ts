import type { ImmichLibrary } from '../../domain/immich.ts';
import { pingServer, readAccount, readUser } from './account.ts';
import { answered, createImmichApi, type ImmichApi } from './api.ts';
import { assetAnswer } from './asset-answer.ts';
import { apiBase } from './base-url.ts';
import { createConnection } from './connection.ts';
import { createDescriptionWriter } from './description.ts';
import { immichLimits, type ImmichLimits } from './limits.ts';
import { createNames } from './names.ts';
import { createPaging } from './paging.ts';
import { createProvenances } from './provenance.ts';
import { createTagsThere } from './tags-there.ts';
import { createThrottle, type Throttle } from './throttle.ts';

export interface ImmichLibraryDeps {
  /** With or without `/api` and a proxy's prefix. */
  readonly apiUrl: string;
  readonly key: string;
  /** Certificate authorities to trust instead of the system's, PEM. */
  readonly ca?: string;
  /** Trust any certificate. */
  readonly insecure?: boolean;
  readonly limits?: Partial<ImmichLimits>;
  /** Several libraries of one server may share it. */
  readonly throttle?: Throttle;
  /** One line for a person; nothing is said twice. */
  readonly log?: (message: string) => void;
}

/** One user's photos over Immich's REST API, versions 2.5 to 3.2, by what the server can do and not by what it calls itself. */
export function createImmichLibrary(deps: ImmichLibraryDeps): ImmichLibrary {
  const { log = () => {}, throttle = createThrottle() } = deps;
  const limits = { ...immichLimits, ...deps.limits };
  const api = openImmichApi(deps);
  const userId = rememberUser(api);
  const page = createPaging({ api, limitMs: limits.searchMs, userId, onStrange: tellOnce(log, api.server) });
  const write = createDescriptionWriter(api);
  const provenances = createProvenances({ api, throttle, joinMs: limits.joinMs, limitMs: limits.requestMs });
  const names = createNames({ api, throttle, limitMs: limits.searchMs, log });
  const hasTags = createTagsThere({ api, limitMs: limits.searchMs, log, now: Date.now });
  return {
    ping: (signal) => pingServer(api, signal),
    account: (signal) => readAccount(api, signal),
    page,
    async asset(id, signal) {
      const outcome = await api.json(
        { method: 'GET', path: `/assets/${id}`, needs: 'asset.read', signal },
        assetAnswer,
      );
      return outcome.kind === 'gone' ? undefined : answered(outcome);
    },
    async preview({ id, isEdited }, signal) {
      const path = `/assets/${id}/thumbnail?size=preview${isEdited ? '&edited=true' : ''}`;
      const outcome = await api.picture({
        method: 'GET',
        path,
        needs: 'asset.view',
        signal,
        limitMs: limits.previewMs,
      });
      if (outcome.kind === 'gone') return undefined;
      const bytes = answered(outcome);
      // The file is there before its bytes are while Immich makes it anew (sheet 4.3).
      return bytes.length === 0 ? undefined : bytes;
    },
    writeDescription: ({ id, text, signal }) => throttle.run(() => write(id, text, signal), signal),
    provenance: (id, signal) => provenances.read(id, signal),
    writeProvenance: (items, signal) => provenances.write(items, signal),
    albumsOf: (id, signal) => names.albumsOf(id, signal),
    albums: (signal) => names.albums(signal),
    people: (signal) => names.people(signal),
    hasTags,
    addTags: (id, tags, signal) => names.addTags(id, tags, signal),
    close: () => api.close(),
  };
}

/** The API alone, for what is no business of a library: webhooks. */
export function openImmichApi({ apiUrl, key, ca, insecure, limits: some }: ImmichLibraryDeps): ImmichApi {
  const limits = { ...immichLimits, ...some };
  const base = apiBase(apiUrl);
  const connection = createConnection({ base, key, ca, insecure, connectMs: limits.connectMs });
  return createImmichApi({ connection, base, limits, now: Date.now });
}

/** A key belongs to one user for ever (sheet 5.1): asked once. */
function rememberUser(api: ImmichApi): (signal: AbortSignal) => Promise<string> {
  let known: string | undefined;
  return async (signal) => (known ??= (await readUser(api, signal)).id);
}

/** One strange asset must not break a page, nor fill a log at each walk. */
function tellOnce(log: (message: string) => void, server: string): () => void {
  let told = false;
  return () => {
    if (told) return;
    told = true;
    log(
      `Immich at ${server} lists an asset that cannot be read (no id, owner or date); it is passed over, as others like it.`,
    );
  };
}
