import type { CallLimits, RoleModels, VisionHost } from '../domain/vision-host.ts';
import { defaultLimits, plainHost } from '../domain/vision-host.ts';
import type { Settings } from './config.ts';
import { hostAddress } from './host-address.ts';

/** The model of each role, as recipes name it. */
export const roleModelsOf = (settings: Settings): RoleModels => ({
  primary: settings.VISION_MODEL,
  fallback: settings.VISION_MODEL,
});

/** The hosts of VISION_HOSTS, all with the same settings; each is there once. */
export function visionHostsOf(settings: Settings): readonly VisionHost[] {
  const limits: CallLimits = {
    ...defaultLimits,
    firstByteMs: settings.VISION_FIRST_BYTE_SEC * 1_000,
    idleMs: settings.VISION_IDLE_SEC * 1_000,
    overallMs: settings.VISION_TIMEOUT_SEC * 1_000,
  };
  const hosts = settings.VISION_HOSTS.map((url): VisionHost => {
    const { label, authorization } = hostAddress(url, settings.VISION_TOKEN?.reveal());
    const headers = () => (authorization === undefined ? {} : { authorization });
    return plainHost(label, settings.VISION_MODEL, { slots: settings.VISION_SLOTS, limits, headers });
  });
  return [...new Map(hosts.map((host) => [host.label, host])).values()];
}
