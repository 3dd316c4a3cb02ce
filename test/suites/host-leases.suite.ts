import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HeldLease, HostLeases } from '../../domain/host-ports.ts';

/** Workers that share hosts, and their clock. A lease that is not renewed lasts 30 s on it. */
export interface LeaseWorld {
  readonly worker: (settings: { renewMs: number }) => HostLeases & { close(): Promise<void> };
  readonly later: (ms: number) => Promise<void>;
  /** Until the last lease in use ends, unless it is renewed. */
  readonly leftMs: () => Promise<number>;
}

const never = { renewMs: 3_600_000 };
const often = { renewMs: 10 };
const host = 'http://a:11434';
const model = 'qwen3-vl';
const count = (leases: readonly unknown[]): number => leases.filter((lease) => lease !== undefined).length;

/** What every HostLeases promises. `open` gives a world in which nothing is taken. */
export function hostLeasesSuite(name: string, open: () => Promise<LeaseWorld>): void {
  const begin = async (t: TestContext) => {
    const world = await open();
    const worker = (settings = never) => {
      const one = world.worker(settings);
      t.after(() => one.close());
      return one;
    };
    return { ...world, worker };
  };
  describe(`host leases: ${name}`, () => {
    takingAndGivingBack(begin);
    sharing(begin);
    ending(begin);
  });
}

type Worker = ReturnType<LeaseWorld['worker']>;
type Begin = (t: TestContext) => Promise<LeaseWorld & { readonly worker: (settings?: { renewMs: number }) => Worker }>;

function takingAndGivingBack(begin: Begin): void {
  test('a host has as many leases as slots, for each model, and other hosts have theirs', async (t) => {
    const leases = (await begin(t)).worker();
    const taken: (HeldLease | undefined)[] = [];
    for (let turn = 0; turn < 3; turn += 1) taken.push(await leases.take({ host, model, slots: 2 }));
    assert.deepEqual(
      taken.map((lease) => lease !== undefined),
      [true, true, false],
    );
    assert.ok(await leases.take({ host, model: 'gemma3', slots: 1 }));
    assert.ok(await leases.take({ host: 'http://b:11434', model, slots: 1 }));
    assert.ok(await leases.take({ host, model, slots: 3 }), 'a host that was given a slot more has one more');
    assert.equal(
      await leases.take({ host, model, slots: 1 }),
      undefined,
      'and one with fewer waits until those are free',
    );
  });

  test('tells whether there is room, for each worker, without taking it', async (t) => {
    const { worker } = await begin(t);
    const [mine, yours] = [worker(), worker()];
    const slots = { host, model, slots: 1 };
    assert.equal(await yours.hasRoom(slots), true);
    const lease = await mine.take(slots);
    assert.equal(await yours.hasRoom(slots), false);
    assert.equal(await yours.hasRoom({ ...slots, slots: 2 }), true);
    await lease?.giveBack();
    assert.equal(await yours.hasRoom(slots), true);
    assert.equal(await yours.hasRoom(slots), true);
  });

  test('a lease that is given back can be taken again, and gives back nothing twice', async (t) => {
    const { worker } = await begin(t);
    const [mine, yours] = [worker(), worker()];
    const first = await mine.take({ host, model, slots: 1 });
    await first?.giveBack();
    const second = await yours.take({ host, model, slots: 1 });
    assert.ok(second);
    await first?.giveBack();
    assert.equal(await mine.take({ host, model, slots: 1 }), undefined);
    await second.giveBack();
    assert.ok(await mine.take({ host, model, slots: 1 }));
  });

  test('who gives a slot back gets it with the next breath, without waiting for the giving back', async (t) => {
    const leases = (await begin(t)).worker();
    for (let turn = 0; turn < 50; turn += 1) {
      const lease = await leases.take({ host, model, slots: 1 });
      assert.ok(lease, `turn ${turn}`);
      void lease.giveBack();
    }
  });
}

function sharing(begin: Begin): void {
  test('20 that take at once get 2 slots between them', async (t) => {
    const { worker } = await begin(t);
    const workers = Array.from({ length: 5 }, () => worker());
    const takers = Array.from({ length: 20 }, (_, index) => workers[index % 5] ?? worker());
    for (const tag of ['a', 'b', 'c', 'd', 'e']) {
      const taken = await Promise.all(takers.map((leases) => leases.take({ host, model: tag, slots: 2 })));
      assert.equal(count(taken), 2);
      await Promise.all(taken.map(async (lease) => await lease?.giveBack()));
    }
  });

  test('while 20 take and give back, never more than 2 hold a slot, and neither slot is forgotten', async (t) => {
    const { worker } = await begin(t);
    let [held, most, calls] = [0, 0, 0];
    const work = async (leases: HostLeases) => {
      while (calls < 300) {
        const lease = await leases.take({ host, model, slots: 2 });
        if (lease === undefined) {
          await sleep(1);
          continue;
        }
        calls += 1;
        held += 1;
        most = Math.max(most, held);
        await sleep(1);
        held -= 1;
        await lease.giveBack();
      }
    };
    const workers = Array.from({ length: 5 }, () => worker());
    await Promise.all([...workers, ...workers, ...workers, ...workers].map(work));
    assert.equal(most, 2);
    const leases = worker();
    const taken = [1, 2, 3].map(() => leases.take({ host, model, slots: 2 }));
    assert.equal(count(await Promise.all(taken)), 2);
  });

  test('of as many as there are slots, nobody is ever told that all are in use', async (t) => {
    const { worker } = await begin(t);
    const work = async (leases: HostLeases) => {
      for (let turn = 0; turn < 100; turn += 1) {
        const lease = await leases.take({ host, model, slots: 16 });
        assert.ok(lease, `turn ${turn}`);
        await lease.giveBack();
      }
    };
    await Promise.all(Array.from({ length: 16 }, () => work(worker())));
  });
}

function ending(begin: Begin): void {
  test('a lease that nobody renews ends after 30 s and not before', async (t) => {
    const { worker, later } = await begin(t);
    const [dead, alive] = [worker(), worker()];
    const lease = await dead.take({ host, model, slots: 1 });
    await later(25_000);
    assert.equal(await alive.take({ host, model, slots: 1 }), undefined);
    await later(5_001);
    assert.ok(await alive.take({ host, model, slots: 1 }));
    await lease?.giveBack();
    assert.equal(await dead.take({ host, model, slots: 1 }), undefined, 'the dead one gave back what was not its own');
  });

  test('leases are renewed until they are given back, all of a worker together', async (t) => {
    const { worker, later, leftMs } = await begin(t);
    const [mine, yours] = [worker(often), worker()];
    const held = [await mine.take({ host, model, slots: 2 }), await mine.take({ host, model, slots: 2 })];
    for (let turn = 0; turn < 3; turn += 1) {
      await later(20_000);
      while ((await leftMs()) < 25_000) await sleep(5);
    }
    assert.equal(await yours.take({ host, model, slots: 2 }), undefined);
    await Promise.all(held.map(async (lease) => await lease?.giveBack()));
    const taken = [1, 2].map(() => yours.take({ host, model, slots: 2 }));
    assert.equal(count(await Promise.all(taken)), 2);
  });

  test('a worker that closes gives back what it holds', async (t) => {
    const { worker } = await begin(t);
    const closing = worker();
    await closing.take({ host, model, slots: 2 });
    await closing.take({ host, model, slots: 2 });
    await closing.close();
    assert.ok(await worker().take({ host, model, slots: 1 }));
  });
}
