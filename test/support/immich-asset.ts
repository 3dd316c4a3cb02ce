import type { ImmichAsset } from '../../domain/immich.ts';

/** A photo as Immich tells of it when it has done all its work. */
export const immichAsset = (over: Partial<ImmichAsset> = {}): ImmichAsset => ({
  id: '6f1d2c3b-1111-4222-8333-944455566677',
  ownerId: 'owner',
  type: 'IMAGE',
  originalFileName: 'IMG_2031.HEIC',
  checksum: 'q83vEjRWeJA=',
  isEdited: false,
  visibility: 'timeline',
  isTrashed: false,
  isOffline: false,
  createdAt: 1_700_000_000_000,
  updatedAt: 1_700_000_100_000,
  fileCreatedAt: 1_699_000_000_000,
  fileModifiedAt: 1_699_000_000_000,
  fileBytes: 2_000_000,
  hasMetadata: true,
  hasPreview: true,
  description: '',
  facts: {},
  people: [],
  tags: [],
  ...over,
});
