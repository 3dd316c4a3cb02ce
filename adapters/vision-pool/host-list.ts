import type { HostMemory, HostRest } from '../../domain/host-ports.ts';
import type { RoleModels } from '../../domain/vision-host.ts';
import { createSharedHost, entriesOf, type Entry, entryKey, type PooledHost, type SharedHost } from './entry.ts';
import { resting } from './host-health.ts';
import type { HostWatch, PoolLog } from './host-watch.ts';
import { readSpentTokens } from './spent-tokens.ts';

export interface HostList {
  /** Those that finish what they have are among them. */
  entries(): readonly Entry[];
  update(hosts: readonly PooledHost[]): void;
  /** The last call of a host that was taken off the list has ended. */
  forgetDrained(): void;
}

interface Deps {
  readonly roleModels: RoleModels;
  readonly watch: Pick<HostWatch, 'add' | 'drop'>;
  readonly memory: HostMemory | undefined;
  /** Which of the hosts somebody has paused. */
  readonly readPauses: (() => Promise<void>) | undefined;
  readonly log: PoolLog;
  readonly now: () => number;
  readonly onChange: () => void;
}

/** The hosts that there are now, in the order in which they were set up. */
export function createHostList({ roleModels, watch, memory, readPauses, log, now, onChange }: Deps): HostList {
  let entries: readonly Entry[] = [];
  const shared = new Map<string, { readonly now: { host: PooledHost }; readonly state: SharedHost }>();
  /** Calls and caps of a host outlive a change of its settings. */
  const sharedOf = (host: PooledHost): SharedHost => {
    const known = shared.get(host.label);
    if (known !== undefined) {
      known.now.host = host;
      return known.state;
    }
    const now = { host };
    const state = createSharedHost(() => now.host);
    shared.set(host.label, { now, state });
    return state;
  };
  const join = async (fresh: readonly Entry[]) => {
    if (memory !== undefined) await recall(fresh, { memory, log, now });
    if (readPauses !== undefined) await readPauses();
    for (const entry of fresh) if (!entry.draining) watch.add(entry);
  };
  /** A host that cannot work now may be able to with its new settings: it is asked at once. */
  const keep = (entry: Entry, host: PooledHost) => {
    entry.host = host;
    const isNews = entry.draining || entry.health.state === 'refused' || entry.health.state === 'model-missing';
    entry.draining = false;
    if (!isNews) return;
    entry.health = { ...entry.health, nextProbeAt: now() };
    watch.add(entry);
  };
  return {
    entries: () => entries,
    update(hosts) {
      // One that drains is among them: taken off and put back while a call runs, it is the same host with the same slots.
      const before = new Map(entries.map((entry) => [entryKey(entry), entry]));
      const fresh: Entry[] = [];
      const all = hosts.flatMap((host) => entriesOf(host, sharedOf(host), { roleModels, now: now() }));
      const wanted = all.map((entry) => {
        const kept = before.get(entryKey(entry));
        before.delete(entryKey(entry));
        if (kept === undefined) fresh.push(entry);
        else keep(kept, entry.host);
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
  const trouble = (error: unknown) =>
    log.warn({ reason: String(error) }, 'what hosts asked for before this start could not be read');
  await Promise.all([
    readSpentTokens(fresh, { memory, now }).catch(trouble),
    memory
      .rests()
      .then((rests) => rest(fresh, rests, now()))
      .catch(trouble),
  ]);
}

function rest(fresh: readonly Entry[], rests: readonly HostRest[], now: number): void {
  for (const entry of fresh) {
    const asked = rests.find(({ host, model }) => host === entry.host.label && model === entry.tag);
    if (asked !== undefined && asked.until > now) entry.health = resting(now, asked.until, asked.reason);
  }
}
