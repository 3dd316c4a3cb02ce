import type { z } from 'zod';
import { notFoundOrNoAccess, Refused } from './refused.ts';
import type { AssetRow, UserRow } from './rows.ts';
import { atLeast, type State } from './state.ts';

/** One request that a known key may make. */
export interface Call {
  readonly state: State;
  readonly user: UserRow;
  readonly permissions: readonly string[];
  readonly keyId: string;
  /** The id in the path. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** Parsed JSON, undefined where there was none. */
  readonly body: unknown;
}

export type Reply =
  | { readonly status?: number; readonly json: unknown }
  | { readonly bytes: Buffer; readonly type: string }
  | { readonly status: 204 };

export interface Route {
  /** None needed: `false`. */
  readonly permission: string | false;
  /** There since this version. */
  readonly since?: `${number}.${number}`;
  run(call: Call): Reply | Promise<Reply>;
}

export type Routes = Readonly<Record<string, Route>>;

/** The body as this schema wants it, else 400. */
export function bodyOf<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body ?? {});
  if (!parsed.success) throw new Refused(400, 'Validation failed', parsed.error.issues);
  return parsed.data;
}

/** An asset that this user may see: an own one, of a partner, or of an album that is shared with them. */
export function visibleAsset({ state, user }: Call, id: string, permission: string): AssetRow {
  const asset = state.tables.assets.get(id);
  // A key never reaches the locked folder (sheet 5.1).
  if (asset === undefined || asset.visibility === 'locked') throw notFoundOrNoAccess(permission);
  const shared = [...state.index.albumsOf(id)].some(
    (album) => state.tables.albums.get(album)?.sharedWith.includes(user.id) === true,
  );
  if (asset.ownerId !== user.id && !user.partners.includes(asset.ownerId) && !shared) {
    throw notFoundOrNoAccess(permission);
  }
  return asset;
}

/** An asset that this user may change: an own one. */
export function ownAsset({ state, user }: Call, id: string, permission: string): AssetRow {
  const asset = state.tables.assets.get(id);
  if (asset === undefined || asset.ownerId !== user.id || asset.visibility === 'locked') {
    throw notFoundOrNoAccess(permission);
  }
  return asset;
}

/** Does this version change an asset by this verb? 2.x has PUT only; from 3.0 on PATCH too (sheet 5.2, verb note). */
export function hasVerb(state: State, verb: 'put' | 'patch'): boolean {
  const { verbs = atLeast(state, '3.0') ? 'both' : 'put' } = state.settings;
  return verbs === 'both' || verbs === verb;
}
