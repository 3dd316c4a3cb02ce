import type { AlbumRow, AssetRow, KeyRow, PersonRow, TagRow, UserRow, WorkflowRow } from './rows.ts';
import { atLeast, type State } from './state.ts';
import type { WireAccount, WireAlbum, WireFace, WireKey, WirePerson, WireTag, WireUser, WireWorkflow } from './wire.ts';

const time = (at: number): string => new Date(at).toISOString();

export const personAnswer = ({ id, name, birthDate, isHidden, updatedAt }: PersonRow): WirePerson => ({
  id,
  name,
  birthDate,
  isHidden,
  isFavorite: false,
  thumbnailPath: `/data/thumbs/${id}.jpeg`,
  updatedAt: time(updatedAt),
});

export function faceAnswers({ tables }: State, { faces }: AssetRow): WireFace[] {
  return faces.map(({ id, personId }, at) => {
    const person = personId === null ? undefined : tables.people.get(personId);
    return {
      id,
      imageWidth: 1440,
      imageHeight: 1080,
      boundingBoxX1: 100 + 200 * at,
      boundingBoxY1: 100,
      boundingBoxX2: 220 + 200 * at,
      boundingBoxY2: 260,
      sourceType: 'machine-learning',
      person: person === undefined ? null : personAnswer(person),
    };
  });
}

export const tagAnswer = ({ id, value, parentId, createdAt }: TagRow): WireTag => ({
  id,
  name: value.slice(value.lastIndexOf('/') + 1),
  value,
  createdAt: time(createdAt),
  updatedAt: time(createdAt),
  ...(parentId === null ? {} : { parentId }),
});

export const userAnswer = ({ id, name, email, createdAt }: UserRow): WireUser => ({
  id,
  name,
  email,
  avatarColor: 'primary',
  profileChangedAt: time(createdAt),
  profileImagePath: '',
});

export const accountAnswer = (state: State, user: UserRow): object => {
  const account: Omit<WireAccount, 'clusterGroupId'> = {
    ...userAnswer(user),
    createdAt: time(user.createdAt),
    updatedAt: time(user.createdAt),
    deletedAt: null,
    isAdmin: user.isAdmin,
    license: null,
    oauthId: '',
    quotaSizeInBytes: null,
    quotaUsageInBytes: 0,
    shouldChangePassword: false,
    status: 'active',
    storageLabel: null,
  };
  return atLeast(state, '3.2') ? { ...account, clusterGroupId: user.id } : account;
};

export const keyAnswer = ({ id, name, permissions, createdAt }: KeyRow): WireKey => ({
  id,
  name,
  permissions,
  createdAt: time(createdAt),
  updatedAt: time(createdAt),
});

export function albumAnswer(state: State, album: AlbumRow): object {
  const owner = state.tables.users.get(album.ownerId);
  const answer: WireAlbum = {
    id: album.id,
    albumName: album.name,
    description: '',
    albumThumbnailAssetId: album.assetIds[0] ?? null,
    albumUsers: owner === undefined ? [] : [{ role: 'owner', user: userAnswer(owner) }],
    assetCount: album.assetIds.length,
    createdAt: time(album.createdAt),
    updatedAt: time(album.createdAt),
    hasSharedLink: false,
    isActivityEnabled: true,
    shared: album.sharedWith.length > 0,
  };
  return atLeast(state, '3.0') ? answer : { ...answer, ownerId: album.ownerId, assets: [] };
}

export const workflowAnswer = (row: WorkflowRow): WireWorkflow => ({
  id: row.id,
  trigger: row.trigger,
  name: row.name,
  description: row.description,
  enabled: row.enabled,
  logging: false,
  steps: row.steps,
  createdAt: time(row.createdAt),
  updatedAt: time(row.updatedAt),
});
