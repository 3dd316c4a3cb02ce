import type { VisionHost } from '../domain/vision-host.ts';
import { SettingsError, type Settings } from '../runtime/config.ts';
import { changesInWords, hostChanges } from '../runtime/host-changes.ts';
import type { Logger } from '../runtime/log.ts';
import { loadVisionHosts } from '../runtime/vision-hosts.ts';

export interface HostsReloadDeps {
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  /** The hosts now. */
  readonly hosts: readonly VisionHost[];
  readonly update: (hosts: readonly VisionHost[]) => void;
  readonly log: Logger;
}

/** What came of reading the hosts again, in words. A file that is wrong changes nothing. */
export interface HostsRead {
  readonly ok: boolean;
  readonly text: string;
}

/** Reads the hosts anew each time it is called, one call after the other. */
export function createHostsReload({ settings, env, hosts, update, log }: HostsReloadDeps): () => Promise<HostsRead> {
  let current = hosts;
  const read = async (): Promise<HostsRead> => {
    try {
      const next = await loadVisionHosts(settings, env);
      const text = changesInWords(hostChanges(current, next), next.length);
      update(next);
      current = next;
      log.info({ hosts: text }, 'The hosts were read again');
      return { ok: true, text };
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      log.warn({ reason: error.message }, 'The hosts stay as they are');
      return { ok: false, text: error.message };
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const mine = last.then(read);
    last = mine.catch(() => undefined);
    return mine;
  };
}
