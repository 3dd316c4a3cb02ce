import type { Description } from '../../domain/description.ts';
import type { HostLeases, HostMemory, HostRest, RestLifting } from '../../domain/host-ports.ts';
import type { LeaseWorld } from '../suites/host-leases.suite.ts';
import type { MemoryWorld } from '../suites/host-memory.suite.ts';

interface Slot {
  holder: object | undefined;
  expires: number;
}

const ttlMs = 30_000;

/** Slots of shared hosts in memory; its workers pass the same suite as those in Postgres. */
export function createFakeLeases(): LeaseWorld {
  const slots = new Map<string, Slot>();
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const free = (host: string, model: string, count: number): Slot | undefined => {
    for (let number = 1; number <= count; number += 1) {
      const name = JSON.stringify([host, model, number]);
      const slot = slots.get(name) ?? { holder: undefined, expires: 0 };
      slots.set(name, slot);
      if (slot.expires <= now()) return slot;
    }
    return undefined;
  };
  return {
    worker: ({ renewMs }) => fakeWorker({ free, now, renewMs }),
    async later(ms) {
      ahead += ms;
    },
    leftMs: async () => Math.max(...[...slots.values()].map(({ expires }) => expires - now())),
  };
}

function fakeWorker(deps: {
  free: (host: string, model: string, slots: number) => Slot | undefined;
  now: () => number;
  renewMs: number;
}): HostLeases & { close(): Promise<void> } {
  const held = new Map<object, Slot>();
  const letGo = (holder: object) => {
    const slot = held.get(holder);
    held.delete(holder);
    if (slot?.holder === holder) Object.assign(slot, { holder: undefined, expires: 0 });
  };
  const renew = () => {
    for (const [holder, slot] of held) if (slot.holder === holder) slot.expires = deps.now() + ttlMs;
  };
  const timer = setInterval(renew, deps.renewMs).unref();
  return {
    async take({ host, model, slots }) {
      const slot = deps.free(host, model, slots);
      if (slot === undefined) return undefined;
      const holder = {};
      Object.assign(slot, { holder, expires: deps.now() + ttlMs });
      held.set(holder, slot);
      return { giveBack: async () => letGo(holder) };
    },
    hasRoom: async ({ host, model, slots }) => deps.free(host, model, slots) !== undefined,
    async close() {
      clearInterval(timer);
      for (const holder of held.keys()) letGo(holder);
    },
  };
}

/** What about hosts outlives a restart, in memory. */
export function createFakeMemory(): MemoryWorld & { readonly memory: HostMemory & RestLifting } {
  const rests = new Map<string, HostRest>();
  const answers: (Description & { created: number })[] = [];
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const memory: HostMemory & RestLifting = {
    rests: async () => [...rests.values()].filter(({ until }) => until > now()).sort((a, b) => b.until - a.until),
    async rest(rest) {
      const name = JSON.stringify([rest.host, rest.model]);
      if ((rests.get(name)?.until ?? 0) < rest.until) {
        rests.set(name, { ...rest, reason: rest.reason.replaceAll('\0', '') });
      }
    },
    async forgetRests(host) {
      const forgotten = [...rests.values()].filter((rest) => rest.host === host && rest.until > now());
      for (const { host: label, model } of forgotten) rests.delete(JSON.stringify([label, model]));
      return forgotten.sort((a, b) => b.until - a.until);
    },
    async tokensSince(since) {
      const sums = new Map<string, { host: string; model: string; tokens: number }>();
      for (const { host, model, created, promptTokens = 0, answerTokens = 0 } of answers) {
        if (created - ahead < since) continue;
        const name = JSON.stringify([host, model]);
        const tokens = (sums.get(name)?.tokens ?? 0) + promptTokens + answerTokens;
        sums.set(name, { host, model, tokens });
      }
      return [...sums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
    },
  };
  return {
    memory,
    async described(description) {
      answers.push({ ...description, created: now() });
    },
    async later(ms) {
      ahead += ms;
    },
  };
}
