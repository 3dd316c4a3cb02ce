import type { RoleModels, VisionHost } from '../domain/vision-host.ts';
import { roles } from '../domain/vision-host.ts';
import { SettingsError, type Settings } from '../runtime/config.ts';
import { hostsFileOf, loadVisionHosts } from '../runtime/vision-hosts.ts';
import type { EngineChild } from './engine-child.ts';
import type { HostsRead } from './hosts-reload.ts';
import type { RunNote } from './up-run-note.ts';

/** Which hosts are used, one line for each role that has any. */
export function hostsInWords(hosts: readonly VisionHost[], models: RoleModels): string[] {
  return roles.flatMap((role) => {
    const names = hosts.flatMap(({ label, models: tags }) => {
      const tag = tags[role];
      if (tag === undefined) return [];
      return [tag === models[role] ? label : `${label} (${tag})`];
    });
    const title = { primary: 'vision  ', fallback: 'fallback' }[role];
    return names.length === 0 ? [] : [`  ${title}  ${models[role]} on ${names.join(', ')}`];
  });
}

export interface UpHostsDeps {
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  readonly note: RunNote;
  readonly engine: () => EngineChild | undefined;
}

export interface UpHosts {
  /** Reads the hosts file again; only where it is right does the engine hear of it. */
  reload(): Promise<void>;
  /** What the engine answered. */
  engineRead(read: HostsRead): void;
}

/** The supervisor's part of a reload: it looks whether the file is right, and tells a person and run.json what came of it. */
export function createUpHosts({ settings, env, say, note, engine }: UpHostsDeps): UpHosts {
  const tell = ({ ok, text }: HostsRead) => {
    say(ok ? text : `The hosts stay as they are.\n${text}`);
    void note.write({ hostsRead: { at: Date.now(), ok, text } });
  };
  return {
    async reload() {
      if (hostsFileOf(settings) === undefined) {
        tell({ ok: false, text: 'There is no hosts file to read again: VISION_HOSTS_FILE is not set.' });
        return;
      }
      try {
        const hosts = await loadVisionHosts(settings, env);
        void note.write({ hosts });
        // One that is just being started reads the file by itself, and says so when it is ready.
        engine()?.tell({ kind: 'reload' });
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error;
        tell({ ok: false, text: error.message });
      }
    },
    engineRead: tell,
  };
}
