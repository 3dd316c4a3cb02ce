import { ConfigError, TransientError } from '../../domain/errors.ts';
import type { HostProbe, VisionModel } from '../../domain/host-ports.ts';
import { type RoleModels, roles, type VisionHost } from '../../domain/vision-host.ts';

/** A host that has a model, and what it calls it. */
export interface ModelHost {
  readonly host: string;
  /** As it was asked for. */
  readonly model: string;
  /** The host's own tag. */
  readonly tag: string;
  /** In the host's memory; absent where the host does not say. */
  readonly loaded?: boolean;
}

interface Asked extends ModelHost {
  readonly probe: HostProbe;
}

export interface FindDeps {
  readonly hosts: readonly VisionHost[];
  readonly roleModels: RoleModels;
  readonly vision: Pick<VisionModel, 'probe'>;
}

/**
 * One host for each model, in the order of the models; those that have it in memory first, and the models spread over the
 * hosts. Throws where a model is on no host, with all such models and what to do: TransientError NoHost or ModelMissing,
 * ConfigError where a setting is to be changed.
 */
export async function findHosts(
  { hosts, roleModels, vision }: FindDeps,
  models: readonly string[],
  signal: AbortSignal,
): Promise<readonly ModelHost[]> {
  const asked = await Promise.all(
    models.map((model) =>
      Promise.all(
        hosts.map(async (host): Promise<Asked> => {
          const tag = tagOn(host, model, roleModels);
          return { host: host.label, model, tag, probe: await vision.probe(host.label, tag, signal) };
        }),
      ),
    ),
  );
  signal.throwIfAborted();
  const missing = asked.filter((answers) => answers.every(({ probe }) => probe.state !== 'ready'));
  if (missing.length > 0) throw nobodyHas(missing);
  return spread(asked.map((answers) => answers.filter(({ probe }) => probe.state === 'ready')));
}

/** Where settings call the model by the name of a role, each host has its own tag for it; else the name is the tag. */
function tagOn(host: VisionHost, model: string, roleModels: RoleModels): string {
  const role = roles.find((one) => roleModels[one] === model && host.models[one] !== undefined);
  return (role === undefined ? undefined : host.models[role]) ?? model;
}

/**
 * A model that few hosts have chooses first: the host that got the fewest models until then, one that has it in memory,
 * and of those the one that the fewest others could use.
 */
function spread(ready: readonly (readonly Asked[])[]): readonly ModelHost[] {
  const given = new Map<string, number>();
  const chosen = new Map<readonly Asked[], ModelHost>();
  const wanted = Map.groupBy(ready.flat(), ({ host }) => host);
  const rank = ({ host, probe }: Asked): readonly number[] => [
    given.get(host) ?? 0,
    probe.state === 'ready' && probe.loaded === true ? 0 : 1,
    wanted.get(host)?.length ?? 0,
  ];
  for (const answers of ready.toSorted((a, b) => a.length - b.length)) {
    const [best] = answers.toSorted((a, b) => compared(rank(a), rank(b)));
    if (best === undefined) continue;
    given.set(best.host, (given.get(best.host) ?? 0) + 1);
    const { probe, ...found } = best;
    const loaded = probe.state === 'ready' ? probe.loaded : undefined;
    chosen.set(answers, { ...found, ...(loaded !== undefined && { loaded }) });
  }
  return ready.flatMap((answers) => chosen.get(answers) ?? []);
}

/** By the first number that differs. */
const compared = (a: readonly number[], b: readonly number[]): number =>
  a.map((one, at) => one - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0;

function nobodyHas(missing: readonly (readonly Asked[])[]): Error {
  const lines = missing.flatMap((answers) => [
    `No vision host can be asked with ${answers[0]?.model ?? ''}:`,
    ...answers.flatMap(({ host, probe }) => (probe.state === 'ready' ? [] : [`  ${withHost(host, probe.detail)}`])),
  ]);
  const message = [...lines, 'Hosts are set by VISION_HOSTS and VISION_HOSTS_FILE.'].join('\n');
  const states = new Set(missing.flat().map(({ probe }) => probe.state));
  if (states.has('model-missing')) return new TransientError('ModelMissing', message);
  if (states.has('unauthorized')) return new ConfigError('Unauthorized', message);
  if (states.has('cannot-see')) return new ConfigError('ModelCannotSee', message);
  return new TransientError('NoHost', message);
}

const withHost = (host: string, detail: string): string => (detail.startsWith(host) ? detail : `${host}: ${detail}`);
