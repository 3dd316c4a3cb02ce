import { SettingsError, type Settings } from '../runtime/config.ts';
import type { VisionHost } from '../domain/vision-host.ts';
import type { Logger } from '../runtime/log.ts';
import { loadVisionHosts } from '../runtime/vision-hosts.ts';
import { pause } from '../runtime/when-aborted.ts';

export interface HostsWhenRightDeps {
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly lookEveryMs?: number;
}

/**
 * The hosts, for an engine that is started again: a file that has become wrong since `up` began is waited for, because
 * the hosts of before went with the engine of before. Throws what aborts the signal.
 */
export async function hostsWhenRight(deps: HostsWhenRightDeps): Promise<readonly VisionHost[]> {
  const { settings, env, log, signal, lookEveryMs = 2_000 } = deps;
  for (let said = ''; ; await pause(lookEveryMs, signal)) {
    signal.throwIfAborted();
    try {
      return await loadVisionHosts(settings, env);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      if (error.message !== said) log.error({ reason: error.message }, 'Waiting until the hosts file is right');
      said = error.message;
    }
  }
}
