import type { HostMemory } from '../../domain/ports.ts';
import type { RoleModels, VisionHost } from '../../domain/vision-host.ts';
import { entriesOf, type Entry, entryKey } from './entry.ts';
import { resting } from './host-health.ts';
import type { HostWatch, PoolLog } from './host-watch.ts';
import { readSpentTokens } from './spent-tokens.ts';

export interface HostList {
  /** Those that finish what they have are among them. */
  entries(): readonly Entry[];
  update(hosts: readonly VisionHost[]): void;
  /** The last call of a host that was taken off the list has ended. */
  forgetDrained(): void;
}

interface Deps {
  readonly roleModels: RoleModels;
  readonly watch: Pick<HostWatch, 'add' | 'drop'>;
  readonly memory: HostMemory | undefined;
  readonly log: PoolLog;
  readonly now: () => number;
  readonly onChange: () => void;
}

/** The hosts that there are now, in the order in which they were set up. */
export function createHostList({ roleModels, watch, memory, log, now, onChange }: Deps): HostList {
  let entries: readonly Entry[] = [];
  const join = async (fresh: readonly Entry[]) => {
    if (memory !== undefined) await recall(fresh, { memory, log, now });
    for (const entry of fresh) if (!entry.draining) watch.add(entry);
  };
  return {
    entries: () => entries,
    update(hosts) {
      const before = new Map(entries.filter(({ draining }) => !draining).map((entry) => [entryKey(entry), entry]));
      const fresh: Entry[] = [];
      const wanted = hosts
        .flatMap((host) => entriesOf(host, roleModels, now()))
        .map((entry) => {
          const kept = before.get(entryKey(entry));
          before.delete(entryKey(entry));
          if (kept === undefined) fresh.push(entry);
          else kept.host = entry.host;
          return kept ?? entry;
        });
      for (const entry of before.values()) {
        entry.draining = true;
        watch.drop(entry);
      }
      entries = [...wanted, ...entries.filter(({ draining, running }) => draining && running.size > 0)];
      void join(fresh);
      onChange();
    },
    forgetDrained() {
      entries = entries.filter(({ draining, running }) => !draining || running.size > 0);
    },
  };
}

/** What hosts asked for before this process began holds on: a pause they wanted, tokens of today that are used up. */
async function recall(
  fresh: readonly Entry[],
  { memory, log, now }: { memory: HostMemory; log: PoolLog; now: () => number },
): Promise<void> {
  try {
    const [rests] = await Promise.all([memory.rests(), readSpentTokens(fresh, { memory, now })]);
    for (const entry of fresh) {
      const rest = rests.find(({ host, model }) => host === entry.host.label && model === entry.tag);
      if (rest !== undefined && rest.until > now()) entry.health = resting(now(), rest.until, rest.reason);
    }
  } catch (error) {
    log.warn({ reason: String(error) }, 'what hosts asked for before this start could not be read');
  }
}
