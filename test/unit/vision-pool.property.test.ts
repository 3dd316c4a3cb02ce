import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import fc from 'fast-check';
import type { Permit } from '../../adapters/vision-pool/slot-permits.ts';
import { ConfigError, PermanentError, TransientError } from '../../domain/errors.ts';
import type { Lease } from '../../domain/host-ports.ts';
import { asking, away, pass, playHost, playPool, ready, stopTime } from '../support/pool-play.ts';

before(stopTime);
after(() => mock.timers.reset());

/** A task inside a worker: it has a permit, and sooner or later perhaps a lease. */
interface Task {
  readonly permit: Permit;
  lease: Lease | undefined;
  /** Its `acquire` has not come back yet. */
  asking: boolean;
}

const kinds = [
  'reserve',
  'reserve',
  'abort',
  'acquire',
  'acquire',
  'drop',
  'end',
  'end',
  'up',
  'down',
  'pass',
] as const;
interface Step {
  readonly kind: (typeof kinds)[number];
  readonly pick: number;
}
const step = fc.record<Step>({ kind: fc.constantFrom(...kinds), pick: fc.nat(20_000) });

/** Undefined is an answer. */
const ends = [
  undefined,
  undefined,
  new PermanentError('EmptyAnswer', 'nothing'),
  new TransientError('HostFailed', 'out of memory'),
  new TransientError('HostUnreachable', 'refused'),
  new ConfigError('BadRequest', 'refused'),
] as const;

const pickOf = <T>(list: readonly T[], pick: number): T | undefined => list[pick % Math.max(1, list.length)];

/** Plays the part of the worker and of the hosts, and remembers what the pool gave away. */
async function player(hosts: readonly string[], slots: number) {
  const { pool, probes } = await playPool(hosts.map((host) => playHost(host, { slots })));
  let photos = 0;
  const tasks: Task[] = [];
  const waiting = new Set<AbortController>();
  const free = () => tasks.filter(({ lease, asking }) => lease === undefined && !asking);
  const finish = (task: Task | undefined, how: number) => {
    if (task === undefined) return;
    const end = ends[how % ends.length];
    if (end === undefined) task.lease?.answered({});
    else task.lease?.failed(end);
    tasks.splice(tasks.indexOf(task), 1);
    pool.permits.release(task.permit);
  };
  const reserve = () => {
    const controller = new AbortController();
    waiting.add(controller);
    const granted = (permit?: Permit) => {
      waiting.delete(controller);
      if (permit !== undefined) tasks.push({ permit, lease: undefined, asking: false });
    };
    pool.permits.reserve(controller.signal).then(granted, () => granted());
  };
  const acquire = (task: Task | undefined) => {
    if (task === undefined) return;
    task.asking = true;
    const given = (lease?: Lease) => {
      task.asking = false;
      task.lease = lease;
    };
    pool.acquire(asking({ photo: `photo ${(photos += 1)}` })).then(given, () => given());
  };
  const perform = async ({ kind, pick }: Step) => {
    if (kind === 'reserve') reserve();
    if (kind === 'abort') pickOf([...waiting], pick)?.abort(new Error('aborted'));
    if (kind === 'acquire') acquire(pickOf(free(), pick));
    if (kind === 'drop') finish(pickOf(free(), pick), 0);
    if (kind === 'end')
      finish(
        pickOf(
          tasks.filter(({ lease }) => lease !== undefined),
          pick,
        ),
        pick,
      );
    if (kind === 'up' || kind === 'down') probes.set(pickOf(hosts, pick) ?? '', kind === 'up' ? ready : away);
    if (kind === 'pass') await pass(pick);
    await settle();
  };
  return { pool, probes, tasks, waiting, free, finish, reserve, acquire, perform };
}

type Player = Awaited<ReturnType<typeof player>>;

function check({ pool, tasks, waiting }: Player, slots: number): void {
  const status = pool.status();
  const leased = tasks.filter(({ lease }) => lease !== undefined).length;
  for (const { host, busy } of status) {
    assert.ok(busy <= slots, 'a host is overcommitted');
    assert.equal(busy, tasks.filter(({ lease }) => lease?.host === host).length, 'leases do not add up');
  }
  assert.ok(tasks.length <= status.length * slots, 'more permits than slots');
  // At least one slot of a ready host without calls is free, on trial or not.
  const idle = status.filter(({ state, busy }) => state === 'ready' && busy === 0).length;
  assert.ok(waiting.size === 0 || idle <= tasks.length - leased, 'a free host idles while a poller waits');
  const asking = tasks.some((task) => task.asking);
  assert.ok(!asking || idle === 0, 'a free host idles while a task waits');
}

/** Everything is given back and every host is well: then every slot can be had again, and not one more. */
async function nothingIsLost({ pool, probes, tasks, waiting, finish, reserve, acquire, free }: Player, slots: number) {
  for (const host of probes.keys()) probes.set(host, ready);
  for (const controller of waiting) controller.abort(new Error('the end'));
  await pass(6_000);
  while (tasks.length > 0) finish(tasks[0], 0);
  await pass(400_000);
  probes.forEach(reserve);
  await settle();
  for (const task of free()) acquire(task);
  await settle();
  while (tasks.length > 0) finish(tasks[0], 0);
  let permits = 0;
  while (pool.permits.tryReserve() !== undefined) permits += 1;
  assert.equal(permits, probes.size * slots, 'slots were lost or invented');
}

test(
  'whatever happens, no host is overcommitted, no permit is lost, and no free host idles while something waits',
  { timeout: 60_000 },
  async () => {
    const hostLists = fc.constantFrom(['http://a'], ['http://a', 'http://b'], ['http://a', 'http://b', 'http://c']);
    const steps = fc.array(step, { maxLength: 60, size: 'max' });
    await fc.assert(
      fc.asyncProperty(hostLists, fc.integer({ min: 1, max: 3 }), steps, async (hosts, slots, list) => {
        const play = await player(hosts, slots);
        for (const step of list) {
          await play.perform(step);
          check(play, slots);
        }
        await nothingIsLost(play, slots);
        play.pool.close();
      }),
      { numRuns: 100 },
    );
  },
);
