import { createVisionHosts } from '../../adapters/vision-hosts.ts';
import type { Finding } from '../../domain/checkup.ts';
import type { HostProbe } from '../../domain/host-ports.ts';
import { type Role, roles, type VisionHost } from '../../domain/vision-host.ts';
import { SettingsError, type Settings } from '../../runtime/config.ts';
import { isReadableOnTheWay } from '../../runtime/host-address.ts';
import type { Run } from '../../runtime/run-file.ts';
import { loadVisionHosts } from '../../runtime/vision-hosts.ts';

/** What one host said about the model of one role. */
export interface ProbedHost {
  readonly host: VisionHost;
  readonly role: Role;
  /** The host's own name of the model. */
  readonly tag: string;
  readonly probe: HostProbe;
}

/** The settings with the hosts file of what runs, where this shell names none. */
export const withHostsFileOf = (settings: Settings, run: Run | undefined): Settings =>
  settings.VISION_HOSTS_FILE === undefined && run?.hostsFile !== undefined
    ? { ...settings, VISION_HOSTS_FILE: run.hostsFile }
    : settings;

/** Asks every host once about the model of each of its roles, all at the same time. */
export async function probeHosts(hosts: readonly VisionHost[], signal: AbortSignal): Promise<readonly ProbedHost[]> {
  const vision = createVisionHosts(hosts);
  const asked = hosts.flatMap((host) => roles.map((role) => ({ host, role, tag: host.models[role] })));
  try {
    const probed = await Promise.all(
      asked.map(async ({ host, role, tag }) =>
        tag === undefined ? [] : [{ host, role, tag, probe: await vision.probe(host.label, tag, signal) }],
      ),
    );
    return probed.flat();
  } finally {
    await vision.close();
  }
}

/** Each host and role: is it there, has it the model, can the model see, and may what it is told be read on the way? */
export async function visionHosts(settings: Settings, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Finding[]> {
  try {
    const hosts = await loadVisionHosts(settings, env);
    const probed = await probeHosts(hosts, signal);
    return [...probed.map(findingOf), ...hosts.flatMap(openSecrets)];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.message.split('\n').map((line) => ({ about: 'vision hosts', level: 'wrong', detail: line.trim() }));
  }
}

export function findingOf({ host, role, tag, probe }: ProbedHost): Finding {
  const about = `${role === 'fallback' ? 'fallback' : 'vision'} host ${host.label}`;
  if (probe.state === 'ready') {
    const more = [...(probe.simulated ? ['SIMULATED'] : []), ...(probe.loaded === true ? ['loaded'] : [])];
    return { about, level: 'ok', detail: `has ${tag}${more.length === 0 ? '' : ` (${more.join(', ')})`}` };
  }
  if (probe.state === 'model-missing' && host.api === 'ollama') {
    return { about, level: 'wrong', detail: `does not have ${tag}`, todo: `On that machine: ollama pull ${tag}` };
  }
  if (probe.state === 'busy') return { about, level: 'note', detail: probe.detail };
  if (probe.state !== 'away') return { about, level: 'wrong', detail: probe.detail };
  return { about, level: 'away', detail: probe.detail, todo: 'Start it, or take it off the list of hosts.' };
}

export function openSecrets({ label, headers }: VisionHost): Finding[] {
  if (Object.keys(headers()).length === 0 || !isReadableOnTheWay(label)) return [];
  const detail = 'its token or headers can be read by whoever is on the way, because the address is http://';
  return [
    { about: `vision host ${label}`, level: 'note', detail, todo: 'Use https://, a VPN, or an address at home.' },
  ];
}
