import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Description } from '../../domain/description.ts';
import type { HostMemory, RestLifting } from '../../domain/host-ports.ts';
import { sampleDescription } from '../support/store-samples.ts';

export interface MemoryWorld {
  readonly memory: HostMemory & RestLifting;
  /** An answer is saved now. */
  readonly described: (description: Description) => Promise<void>;
  /** Time passes for the memory. Times that it told before are of no use then. */
  readonly later: (ms: number) => Promise<void>;
}

const minute = 60_000;
const rest = (host: string, until: number, reason = 'asked for a pause') => ({ host, model: 'm', until, reason });

/** What every HostMemory promises. `open` gives one that remembers nothing. */
export function hostMemorySuite(name: string, open: () => Promise<MemoryWorld>): void {
  describe(`host memory: ${name}`, () => {
    rests(open);
    tokens(open);
  });
}

function rests(open: () => Promise<MemoryWorld>): void {
  test('the rests of one host are forgotten on request, and only those that are not over are told', async () => {
    const { memory, later } = await open();
    const now = Date.now();
    const ofA = [rest('http://a', now + 10 * minute), { ...rest('http://a', now + 20 * minute), model: 'longer' }];
    for (const one of [...ofA, rest('http://b', now + 20 * minute)]) await memory.rest(one);
    assert.deepEqual(await memory.forgetRests('http://c'), []);
    await later(15 * minute);
    const forgotten = await memory.forgetRests('http://a');
    assert.deepEqual(
      forgotten.map(({ host, model }) => [host, model]),
      [['http://a', 'longer']],
    );
    assert.deepEqual(await memory.forgetRests('http://a'), []);
    assert.deepEqual(
      (await memory.rests()).map(({ host }) => host),
      ['http://b'],
    );
  });

  test('a rest is remembered to the millisecond until it is over', async () => {
    const { memory, later } = await open();
    const now = Date.now();
    assert.deepEqual(await memory.rests(), []);
    await memory.rest(rest('http://a', now + 10 * minute));
    await memory.rest({ ...rest('http://b', now + 20 * minute + 123, 'its tokens\0 are used up'), model: 'other' });
    assert.deepEqual(await memory.rests(), [
      { host: 'http://b', model: 'other', until: now + 20 * minute + 123, reason: 'its tokens are used up' },
      rest('http://a', now + 10 * minute),
    ]);
    await later(11 * minute);
    assert.deepEqual(
      (await memory.rests()).map(({ host }) => host),
      ['http://b'],
    );
    await later(10 * minute);
    assert.deepEqual(await memory.rests(), []);
  });

  test('a longer rest takes the place of a shorter one, never the other way round', async () => {
    const { memory } = await open();
    const now = Date.now();
    const longest = rest('http://a', now + 30 * minute, 'the longest');
    await memory.rest(rest('http://a', now + 10 * minute));
    await memory.rest(longest);
    await memory.rest(longest);
    await memory.rest(rest('http://a', now + 20 * minute));
    assert.deepEqual(await memory.rests(), [longest]);
  });

  test('a host rests for one model and not for another', async () => {
    const { memory } = await open();
    const until = Date.now() + minute;
    await memory.rest({ ...rest('http://a', until), model: 'small' });
    await memory.rest({ ...rest('http://a', until + 1), model: 'large' });
    assert.deepEqual(
      (await memory.rests()).map(({ model }) => model),
      ['large', 'small'],
    );
  });

  test('a host that rested before rests again', async () => {
    const { memory, later } = await open();
    await memory.rest(rest('http://a', Date.now() + minute));
    await later(2 * minute);
    await memory.rest(rest('http://a', Date.now() + 10 * minute, 'again'));
    assert.deepEqual(
      (await memory.rests()).map(({ reason }) => reason),
      ['again'],
    );
  });
}

function tokens(open: () => Promise<MemoryWorld>): void {
  test('tokens of prompts and answers are summed by host and model, from a time on', async () => {
    const { memory, described, later } = await open();
    const host = 'http://a';
    await described({ ...sampleDescription('long ago'), host });
    await later(60 * minute);
    await described({ ...sampleDescription('one'), host });
    await described({ ...sampleDescription('two'), host, promptTokens: 2_000_000_000 });
    await described({ ...sampleDescription('three'), host, model: 'gemma3' });
    await described({ text: 'no figures', model: 'm', host: 'http://b', simulated: false, totalMs: 1 });
    const since = Date.now() - 30 * minute;
    assert.deepEqual(await memory.tokensSince(since), [
      { host, model: 'gemma3', tokens: 980 },
      { host, model: 'qwen3-vl', tokens: 2_000_001_060 },
      { host: 'http://b', model: 'm', tokens: 0 },
    ]);
    const all = await memory.tokensSince(since - 60 * minute);
    assert.equal(all.find(({ model }) => model === 'qwen3-vl')?.tokens, 2_000_002_040);
    assert.deepEqual(await memory.tokensSince(Date.now() + 30 * minute), []);
  });
}
