import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ImmichLibrary } from '../domain/immich.ts';
import type { WritePolicy } from '../domain/write-policy.ts';
import { createImmichDbLibrary } from './immich-db/library.ts';
import { apiBase } from './immich/base-url.ts';
import { createImmichLibrary } from './immich/library.ts';
import { createThrottle } from './immich/throttle.ts';

/** How Immich is reached, as the settings say it. With a database the address and the keys are passed over. */
export interface ImmichAccess {
  /** With or without `/api`; absent where no Immich is wanted. */
  readonly apiUrl: string | undefined;
  readonly keys: readonly string[];
  /** File with the certificate authorities to trust instead of the system's, PEM. */
  readonly caFile: string | undefined;
  /** Trust any certificate. */
  readonly insecure: boolean;
  readonly database:
    | {
        readonly url: string;
        /** E-mail addresses or ids. */
        readonly users: readonly string[];
        readonly media: readonly { readonly theirs: string; readonly ours: string }[];
      }
    | undefined;
  /** One for all, or one for each key or user. */
  readonly policies: readonly WritePolicy[];
  /** One for all, or one for each key or user; none: that of everything else. */
  readonly languages: readonly string[];
}

/** One user's photos, and what our row of the library knows it by. */
export interface ImmichWay {
  readonly immich: ImmichLibrary;
  /** The server's address, without anything secret. */
  readonly root: string;
  /** As `keySha` of ImmichRecord: SHA-256 of the key, or of the database's address and the user. */
  readonly keySha: string;
  readonly policy: WritePolicy;
  readonly language?: string | undefined;
}

/**
 * A way for each key, or for each user of the database, in the order of the settings; none where no Immich is wanted. Asks the
 * server nothing. Throws ConfigError BadConfig where an address is wrong, Error where the file of the authorities cannot be
 * read. Whoever opens them closes each `immich`.
 */
export async function openImmichWays(
  access: ImmichAccess,
  log: (message: string) => void = () => {},
): Promise<readonly ImmichWay[]> {
  const { apiUrl, keys, caFile, insecure, database } = access;
  const wishesOf = (at: number) => ({
    policy: access.policies[at] ?? access.policies[0] ?? 'none',
    language: access.languages[at] ?? access.languages[0],
  });
  if (database !== undefined) {
    const { url, users, media } = database;
    const { host, pathname } = new URL(url);
    return users.map((userEmail, at) => ({
      immich: createImmichDbLibrary({ url, userEmail, media, log }),
      root: `postgres://${host}${pathname}`,
      keySha: sha256(`${host}${pathname} ${userEmail}`),
      ...wishesOf(at),
    }));
  }
  if (apiUrl === undefined) return [];
  // A proxy's user and password may stand in the address; this one is shown and stored.
  const root = apiBase(apiUrl).label;
  const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8');
  // Behind all keys is one server, which can do so much at once and no more.
  const throttle = createThrottle();
  return keys.map((key, at) => ({
    immich: createImmichLibrary({ apiUrl, key, insecure, throttle, log, ...(ca !== undefined && { ca }) }),
    root,
    keySha: sha256(key),
    ...wishesOf(at),
  }));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
