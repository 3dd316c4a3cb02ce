import type { VisionHost } from '../../domain/vision-host.ts';
import { hostCount } from '../../runtime/host-changes.ts';
import { readRunFile } from '../../runtime/run-file.ts';
import { hostsFileOf, loadVisionHosts } from '../../runtime/vision-hosts.ts';
import { printFinding } from '../commands/doctor.ts';
import { findingOf, openSecrets, type ProbedHost, probeHosts, withHostsFileOf } from '../doctor/vision-hosts.ts';
import { placeOf } from '../open.ts';
import type { Output } from '../output.ts';

export interface CheckOptions {
  /** Absent: the file of the settings or of the running `up`; without either the hosts of VISION_HOSTS. */
  readonly file: string | undefined;
  readonly dataDir: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/**
 * Is the hosts file right, and can each host work? Exit code 0, or 3 where a host cannot. Throws SettingsError with
 * everything that is wrong in the file.
 */
export async function checkHosts(out: Output, { file, env, json, signal, ...asked }: CheckOptions): Promise<number> {
  const { settings, dataDir } = placeOf(env, asked.dataDir);
  const found = await readRunFile(dataDir);
  const run = found.state === 'running' ? found.run : undefined;
  const used = file === undefined ? withHostsFileOf(settings, run) : { ...settings, VISION_HOSTS_FILE: file };
  const hosts = await loadVisionHosts(used, env);
  const probed = await probeHosts(hosts, signal);
  const exitCode = probed.every(({ probe }) => probe.state === 'ready') ? 0 : 3;
  const path = hostsFileOf(used);
  if (json) out.json({ exitCode, ...(path !== undefined && { file: path }), hosts: probed.map(plain) });
  else print(out, path, hosts, probed);
  return exitCode;
}

function print(
  out: Output,
  file: string | undefined,
  hosts: readonly VisionHost[],
  probed: readonly ProbedHost[],
): void {
  const about = file === undefined ? 'VISION_HOSTS' : 'hosts file';
  const count = hostCount(hosts.length);
  printFinding({ about, level: 'ok', detail: file === undefined ? count : `${file}, ${count}` }, out);
  for (const finding of [...probed.map(findingOf), ...hosts.flatMap(openSecrets)]) printFinding(finding, out);
}

function plain(one: ProbedHost) {
  const { detail, todo } = findingOf(one);
  const { host, role, tag, probe } = one;
  return {
    host: host.label,
    api: host.api,
    role,
    model: tag,
    state: probe.state,
    detail,
    ...(todo !== undefined && { todo }),
  };
}
