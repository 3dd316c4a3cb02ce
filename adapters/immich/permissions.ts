/** What a key of Immich may be allowed to do, as far as Darkroom has a use for it (sheet 5.1, 5.2). */
export interface Permission {
  readonly name: string;
  /** Nothing works without it. */
  readonly required: boolean;
  /** For people, after `for`. */
  readonly purpose: string;
}

const table = [
  ['user.read', true, 'knowing whose photos they are'],
  ['asset.read', true, 'finding photos and reading what is known of them'],
  ['asset.view', true, 'fetching previews, which is what the model sees'],
  ['asset.update', true, 'writing descriptions'],
  ['asset.statistics', false, 'counting photos without walking through them'],
  ['person.read', false, 'choosing photos by the people on them'],
  ['face.read', false, 'knowing who stands where on a photo'],
  ['tag.read', false, 'knowing whether there are any tags: without it each photo is read once more for its own'],
  ['tag.create', false, 'publishing tags (IMMICH_TAGS): making those that are missing'],
  ['tag.asset', false, 'publishing tags (IMMICH_TAGS): putting them on photos'],
  ['album.read', false, 'naming the albums of a photo in the prompt, and choosing photos by album'],
  ['workflow.create', false, 'the webhook of new photos: installing it'],
  ['workflow.read', false, 'the webhook of new photos: finding it again'],
  ['workflow.update', false, 'the webhook of new photos: changing its address'],
  ['workflow.delete', false, 'the webhook of new photos: removing it'],
] as const;

export type PermissionName = (typeof table)[number][0];

export const immichPermissions: readonly Permission[] = table.map(([name, required, purpose]) => ({
  name,
  required,
  purpose,
}));

/** What the permission is for; for messages. */
export const purposeOf = (name: PermissionName): string =>
  immichPermissions.find((permission) => permission.name === name)?.purpose ?? '';

/**
 * Those that a key lacks, out of `wanted`, the required ones first; `all` stands for every one. A person who does not publish
 * tags has no use for `tag.create`: leave it out of `wanted` then.
 */
export function missingPermissions(
  permissions: readonly string[],
  wanted: readonly PermissionName[] = table.map(([name]) => name),
): readonly Permission[] {
  if (permissions.includes('all')) return [];
  const asked: readonly string[] = wanted;
  return immichPermissions.filter(({ name }) => asked.includes(name) && !permissions.includes(name));
}
