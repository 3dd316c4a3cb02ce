import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { spreadSample } from '../../clients/try-out/choose-photos.ts';
import { type Answer, compareAll } from '../../clients/try-out/compare-run.ts';
import { findHosts } from '../../clients/try-out/find-host.ts';
import { shownBelow } from '../../clients/try-out/read-photo.ts';
import { ConfigError, TransientError } from '../../domain/errors.ts';
import type { HostProbe } from '../../domain/host-ports.ts';
import { plainHost } from '../../domain/vision-host.ts';

const never = new AbortController().signal;
const ready: HostProbe = { state: 'ready', simulated: false };
const lacks = (model: string): HostProbe => ({ state: 'model-missing', detail: `run: ollama pull ${model}` });

/** Hosts by the tags that they have; what is not among them is missing there. */
function finder(hosts: Readonly<Record<string, Readonly<Record<string, HostProbe>>>>) {
  const roleModels = { primary: 'first', fallback: 'second' };
  const known = Object.keys(hosts).map((label) => plainHost(label, label === 'own' ? 'first-local' : 'first'));
  const probe = async (host: string, model: string) => hosts[host]?.[model] ?? lacks(model);
  return (...models: string[]) => findHosts({ hosts: known, roleModels, vision: { probe } }, models, never);
}

test('each model gets a host that has it, and models are spread over the hosts', async () => {
  const find = finder({ one: { a: ready, b: ready }, two: { b: ready, c: ready }, three: { a: ready } });
  assert.deepEqual(
    (await find('a', 'b', 'c')).map(({ host, model }) => `${model} on ${host}`),
    ['a on three', 'b on one', 'c on two'],
  );
  const few = finder({
    one: { a: ready, b: ready, c: ready },
    two: { a: ready, d: ready },
    three: { b: ready },
    four: { c: ready },
  });
  assert.deepEqual(
    (await few('a', 'b', 'c', 'd')).map(({ host }) => host),
    ['one', 'three', 'four', 'two'],
  );
  assert.deepEqual(
    (await finder({ one: { a: ready, b: ready } })('a', 'b')).map(({ host }) => host),
    ['one', 'one'],
  );
});

test('a host that has the model in memory goes before one that would have to load it', async () => {
  const find = finder({ cold: { a: { ...ready, loaded: false } }, warm: { a: { ...ready, loaded: true } } });
  assert.deepEqual(await find('a'), [{ host: 'warm', model: 'a', tag: 'a', loaded: true }]);
});

test('a model of the settings is asked for by the tag that the host has for it', async () => {
  assert.deepEqual(await finder({ own: { 'first-local': ready } })('first'), [
    { host: 'own', model: 'first', tag: 'first-local' },
  ]);
});

test('models that no host has are all named, with what to do, and the code says whose fault it is', async () => {
  const away: HostProbe = { state: 'away', detail: 'connection refused' };
  const find = finder({ one: { a: ready }, off: { a: away, b: away, c: away } });
  await assert.rejects(find('a', 'b', 'c'), (error: Error) => {
    assert.ok(error instanceof TransientError && error.code === 'ModelMissing');
    assert.match(error.message, /with b:\n  one: run: ollama pull b\n  off: connection refused\n[^]*with c:/);
    assert.doesNotMatch(error.message, /with a/);
    return true;
  });
  await assert.rejects(
    finder({ off: { a: away } })('a'),
    (error) => error instanceof TransientError && error.code === 'NoHost',
  );
  const blind: HostProbe = { state: 'cannot-see', detail: 'it can do: completion' };
  await assert.rejects(
    finder({ one: { a: blind } })('a'),
    (error) => error instanceof ConfigError && error.code === 'ModelCannotSee',
  );
  const shut: HostProbe = { state: 'unauthorized', detail: '401' };
  await assert.rejects(
    finder({ one: { a: shut } })('a'),
    (error) => error instanceof ConfigError && error.code === 'Unauthorized',
  );
});

test('hosts work side by side, each on one call at a time and one model after the other', async () => {
  const models = [
    { model: 'a', host: 'one', tag: 'a' },
    { model: 'b', host: 'two', tag: 'b' },
    { model: 'c', host: 'one', tag: 'c' },
  ];
  const order = new Map<string, string[]>();
  const busy = new Map<string, number>();
  const answers: string[] = [];
  let together = 0;
  await compareAll({
    photos: ['p', 'q'],
    models,
    load: async ({ host, model }) => void order.set(host, [...(order.get(host) ?? []), `load ${model}`]),
    async ask(photo, { host, model }) {
      busy.set(host, (busy.get(host) ?? 0) + 1);
      assert.equal(busy.get(host), 1, host);
      together = Math.max(
        together,
        [...busy.values()].reduce((sum, one) => sum + one, 0),
      );
      order.set(host, [...(order.get(host) ?? []), `${model} ${photo}`]);
      await nextTurn();
      busy.set(host, 0);
      if (model === 'c' && photo === 'p') throw new Error('broke');
      return { text: photo, model, host, simulated: false, totalMs: 1 };
    },
    onAnswer: (photo, model, answer) => void answers.push(`${photo} ${model} ${answer.state}`),
    signal: never,
  });
  assert.deepEqual(order.get('one'), ['load a', 'a p', 'a q', 'load c', 'c p', 'c q']);
  assert.deepEqual(order.get('two'), ['load b', 'b p', 'b q']);
  assert.equal(together, 2);
  assert.equal(answers.length, 6);
  assert.ok(answers.includes('0 2 failed') && answers.includes('1 2 answered'));
});

test('an interruption ends the calls and is nobody’s failure', async () => {
  const stop = new AbortController();
  const answers: Answer[] = [];
  let calls = 0;
  await compareAll({
    photos: [1, 2, 3],
    models: [{ model: 'a', host: 'one', tag: 'a' }],
    load: () => Promise.reject(new Error('what cannot be loaded is asked all the same')),
    async ask() {
      calls += 1;
      if (calls === 2) stop.abort();
      stop.signal.throwIfAborted();
      return { text: '', model: 'a', host: 'one', simulated: false, totalMs: 1 };
    },
    onAnswer: (_photo, _model, answer) => void answers.push(answer),
    signal: stop.signal,
  });
  assert.deepEqual([calls, answers.map(({ state }) => state)], [2, ['answered']]);
});

test('a sample is spread over the whole, and is the same every time', () => {
  const items = Array.from({ length: 100 }, (_, at) => at);
  assert.deepEqual(spreadSample(items, 4), [12, 37, 62, 87]);
  assert.deepEqual(spreadSample(items.slice(0, 3), 5), [0, 1, 2]);
  for (let limit = 1; limit <= 100; limit += 1) assert.equal(spreadSample(items, limit).length, limit);
});

test('a photo is called as in its library, the innermost one', () => {
  const shown = (file: string, ...roots: string[]) => shownBelow(roots, Buffer.from(file));
  assert.equal(shown('/home/me/Pictures/2024/a.jpg', '/home/me/Pictures', '/home/me/'), '2024/a.jpg');
  assert.equal(shown('/home/me/Pictures2/a.jpg', '/home/me/Pictures'), 'home/me/Pictures2/a.jpg');
  assert.equal(shown('/a.jpg', '/'), 'a.jpg');
});
