import { randomUUID } from 'node:crypto';
import { usualPermissions } from './new-rows.ts';
import { upsertTag } from './routes-names.ts';
import type { AlbumRow, KeyRow, PersonRow, UserRow } from './rows.ts';
import { put, serverNow, type State } from './state.ts';

export interface NewUser {
  readonly name?: string;
  readonly key?: string;
  readonly permissions?: readonly string[];
  readonly isAdmin?: boolean;
}

/** A user with a key of theirs. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly key: string;
}

/** Users, keys, and what hangs on users. Each `add` answers with the new id. */
export const createPeopleControl = (state: State) => ({ ...keyControl(state), ...nameControl(state) });

function keyControl(state: State) {
  const { users } = state.tables;
  const addKey = (userId: string, secret: string, permissions = usualPermissions): void => {
    const key: KeyRow = {
      id: randomUUID(),
      userId,
      name: 'Darkroom',
      secret,
      permissions,
      revoked: false,
      createdAt: serverNow(state),
    };
    put(state, 'keys', key);
    state.keysBySecret.set(secret, key);
  };
  const changeKey = (secret: string, changes: Partial<KeyRow>): void =>
    put(state, 'keys', Object.assign(known(state.keysBySecret.get(secret), 'key'), changes));
  return {
    addKey,
    addUser({ name = 'Ana', key = randomUUID(), permissions, isAdmin = false }: NewUser = {}): User {
      const email = `${name.toLowerCase()}@example.org`;
      const row = { id: randomUUID(), name, email, isAdmin, createdAt: serverNow(state), partners: [] };
      put(state, 'users', row);
      addKey(row.id, key, permissions);
      return { id: row.id, name, key };
    },
    revokeKey: (secret: string): void => changeKey(secret, { revoked: true }),
    setPermissions: (secret: string, permissions: readonly string[]): void => changeKey(secret, { permissions }),
    /** The photos of `from` are among the results of `to` from now on (sheet 5.3). */
    sharePhotos(from: string, to: string): void {
      const user: UserRow = known(users.get(to), 'user');
      put(state, 'users', { ...user, partners: [...user.partners, from] });
    },
  };
}

function nameControl(state: State) {
  const { albums, libraries, people, users } = state.tables;
  return {
    /** An external one; read-only mounts lose what is written by REST (sheet 3.3). */
    addLibrary(ownerId: string, readOnly: boolean): string {
      const id = randomUUID();
      put(state, 'libraries', { id, ownerId, readOnly });
      return id;
    },
    setReadOnly: (id: string, readOnly: boolean): void =>
      put(state, 'libraries', { ...known(libraries.get(id), 'library'), readOnly }),
    addPerson(ownerId: string, name: string, said: Partial<PersonRow> = {}): string {
      const id = randomUUID();
      const usual = { birthDate: null, isHidden: false, updatedAt: serverNow(state) };
      put(state, 'people', { ...usual, ...said, id, ownerId, name });
      return id;
    },
    changePerson: (id: string, changes: Partial<PersonRow>): void =>
      put(state, 'people', Object.assign(known(people.get(id), 'person'), { updatedAt: serverNow(state) }, changes)),
    /** And those above it in its path. */
    addTag: (ownerId: string, path: string): string => upsertTag(state, known(users.get(ownerId), 'user'), path).id,
    addAlbum(ownerId: string, name: string, assetIds: readonly string[], sharedWith: readonly string[] = []): string {
      const row: AlbumRow = { id: randomUUID(), ownerId, name, createdAt: serverNow(state), assetIds, sharedWith };
      put(state, 'albums', row);
      state.index.setAlbum(row.id, assetIds);
      return row.id;
    },
    changeAlbum(id: string, changes: Partial<Pick<AlbumRow, 'name' | 'assetIds'>>): void {
      const row = { ...known(albums.get(id), 'album'), ...changes };
      put(state, 'albums', row);
      state.index.setAlbum(id, row.assetIds);
    },
  };
}

/** A test that names what is not there is wrong, and should hear so. */
export function known<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw new Error(`the scripted Immich has no such ${what}`);
  return row;
}
