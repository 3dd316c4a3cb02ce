import path from 'node:path';
import type { VisionHost } from '../domain/vision-host.ts';
import { hostLabel } from './host-address.ts';
import { hostOf, type HostSettings } from './hosts-file-host.ts';
import { type KeyProblem, type Problem, problemsOf, unknownKey, wrongHostsFile } from './hosts-file-problems.ts';
import { readHostsFile } from './hosts-file-read.ts';
import { type HostEntry, hostEntrySchema, knownKeys, rightPartSchema } from './hosts-file-schema.ts';
import { secretsOf } from './hosts-file-secrets.ts';

/** What a hosts file is read with: defaults, and where variables are. */
export interface HostsFileContext {
  readonly settings: HostSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The hosts of a file, with their secrets. Throws SettingsError with everything that is wrong in it. */
export async function loadHostsFile(file: string, context: HostsFileContext): Promise<readonly VisionHost[]> {
  return (await examine(file, context)).flatMap(({ host }) => host ?? []);
}

/**
 * Throws as `loadHostsFile` does, for what is wrong whatever the settings and variables are: those of a running Darkroom
 * are not known to another process.
 */
export async function checkHostsFile(file: string): Promise<void> {
  await examine(file, undefined);
}

interface Examined {
  readonly host: VisionHost | undefined;
  readonly label: string | undefined;
  readonly problems: readonly KeyProblem[];
}

async function examine(file: string, context: HostsFileContext | undefined): Promise<readonly Examined[]> {
  const { problems, hosts } = listOf(file, await readHostsFile(file));
  const folder = path.dirname(path.resolve(file));
  const examined = await Promise.all(hosts.map((raw) => examineHost(raw, folder, context)));
  const all = [
    ...problems,
    ...examined.flatMap((one, at) =>
      [...one.problems, ...sameAddress(examined, at)].map((problem): Problem => ({
        host: at + 1,
        label: one.label,
        ...problem,
      })),
    ),
  ];
  if (all.length > 0) throw wrongHostsFile(file, all);
  return examined;
}

function listOf(file: string, value: unknown): { problems: readonly Problem[]; hosts: readonly unknown[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongHostsFile(file, [{ key: '', text: 'it has to be an object such as {"hosts": [{"url": "http://…"}]}' }]);
  }
  const entries = new Map<string, unknown>(Object.entries(value));
  const hosts = entries.get('hosts');
  const known = new Set(knownKeys['file']);
  const problems = [...entries.keys()]
    .filter((key) => !known.has(key))
    .map((key): Problem => ({ key, text: unknownKey(key, [], 'file') }));
  if (Array.isArray(hosts) && hosts.length > 0) return { problems, hosts };
  const text = Array.isArray(hosts)
    ? 'names no host'
    : 'is missing, or no list such as [{"url": "http://gpu-box:11434"}]';
  return { problems: [...problems, { key: 'hosts', text }], hosts: [] };
}

async function examineHost(raw: unknown, folder: string, context: HostsFileContext | undefined): Promise<Examined> {
  const { data, error } = hostEntrySchema.safeParse(raw);
  const first = error === undefined ? [] : problemsOf(error);
  // What is right in a wrong host is looked at too, so that everything is told at once.
  const entry = data ?? rightPartOf(raw, first);
  const secrets = await secretsOf(entry, { env: context?.env, folder });
  const { host, problems } = hostOf(entry, context?.settings, secrets.headers);
  const label = entry.url === undefined ? undefined : hostLabel(entry.url);
  return { host, label, problems: [...first, ...problems, ...secrets.problems] };
}

function rightPartOf(raw: unknown, wrong: readonly KeyProblem[]): HostEntry {
  if (typeof raw !== 'object' || raw === null) return {};
  const bad = new Set(wrong.map(({ key }) => key.split('.')[0]));
  return rightPartSchema.safeParse(Object.fromEntries(Object.entries(raw).filter(([key]) => !bad.has(key)))).data ?? {};
}

function sameAddress(all: readonly Examined[], at: number): KeyProblem[] {
  const { label } = all[at] ?? {};
  const first = all.findIndex((one) => label !== undefined && one.label === label);
  if (first < 0 || first >= at) return [];
  return [
    { key: 'url', text: `is that of host ${first + 1}; name each host once, and set slots for more calls at once` },
  ];
}
