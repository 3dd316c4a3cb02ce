import { isDeepStrictEqual } from 'node:util';
import type { VisionHost } from '../domain/vision-host.ts';

export interface HostChanges {
  /** Labels of hosts. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** What another list of hosts changes. A new token is a change, too. */
export function hostChanges(before: readonly VisionHost[], after: readonly VisionHost[]): HostChanges {
  const [old, now] = [byLabel(before), byLabel(after)];
  return {
    added: [...now.keys()].filter((label) => !old.has(label)),
    removed: [...old.keys()].filter((label) => !now.has(label)),
    changed: [...now].flatMap(([label, host]) => (old.has(label) && !same(old.get(label), host) ? [label] : [])),
  };
}

/** `4 hosts: added http://c; removed, finishing what they have: http://a`, or that nothing changed. */
export function changesInWords({ added, removed, changed }: HostChanges, count: number): string {
  const parts = [
    ...(added.length > 0 ? [`added ${added.join(', ')}`] : []),
    ...(removed.length > 0 ? [`removed, after what it is at: ${removed.join(', ')}`] : []),
    ...(changed.length > 0 ? [`changed ${changed.join(', ')}`] : []),
  ];
  return `${hostCount(count)}: ${parts.length === 0 ? 'nothing changed' : parts.join('; ')}`;
}

export const hostCount = (count: number): string => `${count} vision host${count === 1 ? '' : 's'}`;

const byLabel = (hosts: readonly VisionHost[]) => new Map(hosts.map((host) => [host.label, host]));

const same = (a: VisionHost | undefined, b: VisionHost): boolean =>
  a !== undefined && isDeepStrictEqual({ ...a, headers: a.headers() }, { ...b, headers: b.headers() });
