import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import fc from 'fast-check';
import { away, playHost, playPool, ready, stopTime } from '../support/pool-play.ts';
import { type HostAct, playWork } from '../support/work-play.ts';

before(stopTime);
after(() => mock.timers.reset());

const labels = ['http://a', 'http://b', 'http://c'];
/** What hosts do with their next calls, in order; from then on they answer. */
const acts = fc.array(fc.constantFrom<HostAct>('answer', 'answer', 'empty', 'fail', 'break', 'busy', 'gone'), {
  maxLength: 25,
});
const kinds = fc.array(fc.constantFrom('good', 'good', 'good', 'poison', 'mute'), { minLength: 1, maxLength: 12 });
const plays = fc.record({
  hosts: fc.integer({ min: 1, max: 3 }),
  slots: fc.integer({ min: 1, max: 3 }),
  callMs: fc.integer({ min: 10, max: 3_000 }),
  acts,
  kinds,
});

test(
  'whatever hosts answer, every photo ends described or parked with its reason, and no healthy host idles meanwhile',
  { timeout: 240_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(plays, async ({ hosts, slots, callMs, acts: script, kinds: photoKinds }) => {
        const { pool, probes } = await playPool(labels.slice(0, hosts).map((host) => playHost(host, { slots })));
        const photos = photoKinds.map((kind, at) => `${kind} ${at}`);
        const left = [...script];
        const empties = new Map<string, number>();
        const ends = await playWork({
          pool,
          photos,
          callMs,
          pollers: hosts * slots + 1,
          act(host, photo) {
            if (photo.startsWith('poison')) return 'fail';
            const act = photo.startsWith('mute') ? 'empty' : (left.shift() ?? 'answer');
            if (act === 'gone') {
              probes.set(host, away);
              setTimeout(() => probes.set(host, ready), 10_000);
            }
            if (act === 'empty' || act === 'fail' || act === 'break') empties.set(photo, (empties.get(photo) ?? 0) + 1);
            return act;
          },
          check({ waiting, polling }) {
            const idle = pool.status().filter(({ state, busy }) => state === 'ready' && busy === 0).length;
            assert.ok(waiting === 0 || idle === 0 || polling > 0, `${idle} hosts idle while ${waiting} photos wait`);
          },
        });
        pool.close();
        for (const { photo, tries, end } of ends) {
          const [kind] = photo.split(' ');
          if (kind === 'poison') assert.equal(end, 'parked', `${photo} described`);
          if (kind === 'mute') assert.deepEqual([end, tries.at(-1)?.code], ['parked', 'EmptyAnswer']);
          if (kind === 'good' && end === 'parked')
            assert.ok((empties.get(photo) ?? 0) >= 2, `${photo} parked for nothing`);
          if (end === 'parked') assert.equal(tries.length, 2);
        }
        assert.equal(new Set(ends.map(({ photo }) => photo)).size, photos.length);
      }),
      { numRuns: 100 },
    );
  },
);
