import { type ImmichWay, openImmichWays } from '../adapters/immich-ways.ts';
import type { ControlFacts } from '../adapters/postgres/control-facts.ts';
import { missingPermissions } from '../adapters/immich/permissions.ts';
import { ConfigError, isDomainError, TransientError } from '../domain/errors.ts';
import type { ImmichAccount } from '../domain/immich.ts';
import { ownerKey } from '../domain/immich-status.ts';
import type { ImmichRecord, ImmichStore, OpenImmich, OpenImmichs } from '../domain/immich-store.ts';
import type { Settings } from '../runtime/config.ts';
import { immichAccess } from '../runtime/immich-settings.ts';
import type { Logger } from '../runtime/log.ts';
import { pause } from '../runtime/when-aborted.ts';

/** The Immich libraries that the settings name: one for each key, or for each user of the database. */
export interface Immichs extends OpenImmichs {
  /**
   * Waits, as long as it takes, until it is known whose key is whose; each library gets its row. One for each key, each by itself:
   * a key that was revoked holds up nobody else's photos. Undefined when told to end.
   */
  identify(signal: AbortSignal): readonly Promise<ImmichRecord | undefined>[];
  /** There are any. */
  readonly wanted: boolean;
  /** By the library's name, as far as it is known whose key is whose: the language its owner reads. */
  languages(): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
}

export interface ImmichsDeps {
  readonly settings: Settings;
  readonly store: ImmichStore;
  readonly facts: Pick<ControlFacts, 'put'>;
  readonly log: Logger;
}

interface Way extends ImmichWay {
  /** Undefined until Immich has told. */
  recognisesFaces: boolean | undefined;
}

const retryMs = 15_000;
/** What a look may know of a library's row. Whoever writes or starts asks anew. */
const freshMs = 1_000;

export async function createImmichs({ settings, store, facts, log }: ImmichsDeps): Promise<Immichs> {
  const warn = (message: string) => log.warn({ source: 'immich' }, message);
  const ways: readonly Way[] = (await openImmichWays(immichAccess(settings), warn)).map((way) => ({
    ...way,
    recognisesFaces: undefined,
  }));
  let rows: { readonly at: number; readonly records: readonly ImmichRecord[] } | undefined;
  const records = async (fresh: boolean) => {
    if (fresh || rows === undefined || Date.now() - rows.at > freshMs)
      rows = { at: Date.now(), records: await store.libraries() };
    return rows.records;
  };
  return {
    wanted: ways.length > 0,
    async of(library, { fresh = false } = {}) {
      const record = (await records(fresh)).find(({ name }) => name === library);
      return record === undefined ? undefined : opened(record, ways);
    },
    async languages() {
      const named = (await records(false)).map(({ name, keySha }) => [name, wayOf(ways, keySha)?.language] as const);
      return new Map(named.flatMap(([name, language]) => (language === undefined ? [] : [[name, language] as const])));
    },
    identify: (signal) =>
      ways.map(async (way) => {
        const found = await identified(way, { settings, store, facts, log }, signal, ways.length);
        rows = undefined;
        return found;
      }),
    async close() {
      await Promise.all(ways.map(({ immich }) => immich.close()));
    },
  };
}

const wayOf = (ways: readonly Way[], sha: string): Way | undefined => ways.find(({ keySha }) => keySha === sha);

function opened(record: ImmichRecord, ways: readonly Way[]): OpenImmich {
  const way = wayOf(ways, record.keySha);
  if (way === undefined) {
    throw ways.some(({ recognisesFaces }) => recognisesFaces === undefined)
      ? new TransientError('ImmichUnavailable', `It is not known yet which key belongs to ${record.name}.`)
      : new ConfigError('ImmichKeyRefused', `No key in IMMICH_API_KEY belongs to the library ${record.name}.`);
  }
  const { immich, policy, language, recognisesFaces = true } = way;
  return { record, immich, policy, recognisesFaces, ...(language !== undefined && { language }) };
}

/** Asks until it is answered; what is in the way is said once each time it changes. Undefined when told to end. */
async function identified(
  way: Way,
  { settings, store, facts, log }: ImmichsDeps,
  signal: AbortSignal,
  count: number,
): Promise<ImmichRecord | undefined> {
  for (let said = ''; !signal.aborted; await pause(retryMs, signal)) {
    try {
      const account = await way.immich.account(signal);
      const { userId, userName, version, recognisesFaces } = account;
      way.recognisesFaces = recognisesFaces;
      const name = count === 1 ? 'immich' : `immich-${userName.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-')}`;
      const firstLook = settings.FIRST_LOOK > 0 ? 'due' : 'over';
      const made = await store.ensure({ name, root: way.root, ownerId: userId, keySha: way.keySha, firstLook });
      await facts.put(ownerKey(made.name), { owner: userName, version });
      for (const line of lacks(account, settings)) log.warn({ source: 'immich', library: made.name }, line);
      return made;
    } catch (error) {
      if (signal.aborted) break;
      if (!isDomainError(error)) throw error;
      if (error.message !== said) log.warn({ source: 'immich' }, `Waiting for Immich: ${error.message}`);
      said = error.message;
    }
  }
  return undefined;
}

/** What the key lacks of what is needed, each with what it is for. */
function lacks({ permissions, userName }: ImmichAccount, { IMMICH_DB_URL, IMMICH_TAGS }: Settings): string[] {
  const holder = IMMICH_DB_URL === undefined ? `The key of ${userName} in IMMICH_API_KEY` : 'The role of IMMICH_DB_URL';
  const forTags = IMMICH_TAGS === 'on' ? ['tag.create', 'tag.asset'] : [];
  return missingPermissions(permissions)
    .filter(({ name, required }) => required || forTags.includes(name))
    .map(({ name, purpose }) => `${holder} lacks ${name}, for ${purpose}; "darkroom doctor" says what to do`);
}
