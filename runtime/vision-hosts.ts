import path from 'node:path';
import { plainHost, type RoleModels, type VisionHost } from '../domain/vision-host.ts';
import { SettingsError, type Settings } from './config.ts';
import { hostAddress } from './host-address.ts';
import { loadHostsFile } from './hosts-file.ts';
import { limitsOf } from './hosts-file-host.ts';

/** The model of each role, as recipes name it. */
export const roleModelsOf = ({ VISION_MODEL, VISION_FALLBACK_MODEL }: Settings): RoleModels => ({
  primary: VISION_MODEL,
  fallback: VISION_FALLBACK_MODEL ?? VISION_MODEL,
});

/** The hosts file as an absolute path, where there is one. */
export const hostsFileOf = ({ VISION_HOSTS_FILE }: Settings): string | undefined =>
  VISION_HOSTS_FILE === undefined ? undefined : path.resolve(VISION_HOSTS_FILE);

/**
 * Every vision host: those of the hosts file, then those of VISION_HOSTS; its default counts only where there is no file.
 * Reads the file and the secrets that it names anew at each call. Throws SettingsError with everything that is wrong.
 */
export async function loadVisionHosts(
  settings: Settings,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly VisionHost[]> {
  const file = hostsFileOf(settings);
  if (file === undefined) return plainHosts(settings);
  const listed = await loadHostsFile(file, { settings, env });
  const asked = (env['VISION_HOSTS'] ?? '') === '' ? [] : plainHosts(settings);
  const twice = asked.filter(({ label }) => listed.some((host) => host.label === label));
  if (twice.length > 0) {
    const names = twice.map(({ label }) => label).join(', ');
    throw new SettingsError(`VISION_HOSTS and the hosts file ${file} both name ${names}. Take it out of VISION_HOSTS.`);
  }
  return [...listed, ...asked];
}

/** The hosts of VISION_HOSTS, all with the same settings; each is there once. */
function plainHosts(settings: Settings): readonly VisionHost[] {
  const { primary, fallback } = roleModelsOf(settings);
  // Roles are told apart in the hosts file. Without one each host is asked for both models.
  const both = settings.VISION_HOSTS_FILE === undefined && fallback !== primary;
  const hosts = settings.VISION_HOSTS.map((url): VisionHost => {
    const { label, authorization } = hostAddress(url, settings.VISION_TOKEN?.reveal());
    return plainHost(label, primary, {
      api: settings.VISION_API,
      models: { primary, ...(both && { fallback }) },
      slots: settings.VISION_SLOTS,
      limits: limitsOf(settings),
      headers: () => (authorization === undefined ? {} : { authorization }),
    });
  });
  return [...new Map(hosts.map((host) => [host.label, host])).values()];
}
