import { missingPermissions, type PermissionName } from '../../adapters/immich/permissions.ts';
import type { Finding } from '../../domain/checkup.ts';
import type { ImmichAccount } from '../../domain/immich.ts';
import type { Settings } from '../../runtime/config.ts';

const always: readonly PermissionName[] = ['user.read', 'asset.read', 'asset.view', 'asset.update'];
const useful: readonly PermissionName[] = ['asset.statistics', 'person.read', 'tag.read', 'album.read'];

/** What the settings ask for is needed; what they do not, no key has to have. */
function wantedPermissions({ IMMICH_TAGS, IMMICH_WEBHOOK_URL }: Settings): readonly PermissionName[] {
  const tags: readonly PermissionName[] = IMMICH_TAGS === 'on' ? ['tag.create', 'tag.asset'] : [];
  const webhook: readonly PermissionName[] =
    IMMICH_WEBHOOK_URL === undefined ? [] : ['workflow.create', 'workflow.read', 'workflow.update', 'workflow.delete'];
  return [...always, ...tags, ...webhook, ...useful];
}

/** What the key lacks, each with what it would be for; nothing works without the required ones. */
export function permissionFindings(
  about: string,
  { permissions, userName }: Pick<ImmichAccount, 'permissions' | 'userName'>,
  settings: Settings,
): Finding[] {
  const isDatabase = settings.IMMICH_DB_URL !== undefined;
  const holder = isDatabase ? 'the role of IMMICH_DB_URL' : `the key of ${userName}`;
  const where = isDatabase
    ? 'docs/immich-database.md has the grants.'
    : 'In Immich: Account Settings, API Keys; a key can be changed without making a new one.';
  const missing = missingPermissions(permissions, wantedPermissions(settings));
  const optional: readonly string[] = useful;
  const found = missing.map(({ name, required, purpose }): Finding => {
    const level = required ? 'wrong' : 'note';
    const without = optional.includes(name) ? 'Everything else works without it. ' : '';
    return { about, level, detail: `${holder} lacks ${name}, for ${purpose}`, todo: `${without}${where}` };
  });
  if (!permissions.includes('all')) return found;
  const todo = 'Fewer are enough: docs/immich.md lists them.';
  return [{ about, level: 'note', detail: `${holder} may do everything`, todo }];
}
