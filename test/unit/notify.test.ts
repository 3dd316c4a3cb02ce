import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { createNotifier } from '../../adapters/notify.ts';
import { startReceiver } from '../support/receiver.ts';

const finished = { described: 1_204, parked: 3, ms: 7_800_000, at: Date.UTC(2026, 10, 21, 18) };
const { signal } = new AbortController();

test('text goes as ntfy takes it, with the title in a header, and a login that stands in the address', async (t) => {
  const { host, told } = await startReceiver(t, (response) => response.end('{"id":"x"}'));
  const { send } = createNotifier({ url: `http://ada:p%40ss@${host}/my-topic?priority=low`, format: 'text' });
  assert.deepEqual(await send(finished, signal), { ok: true });
  const [{ method, path, headers, body } = {}] = told;
  assert.equal(body, '1,204 described, 3 parked, in 2 h 10 min');
  assert.deepEqual([method, path], ['POST', '/my-topic?priority=low']);
  assert.equal(headers?.['title'], 'Darkroom has finished');
  assert.equal(headers?.authorization, `Basic ${Buffer.from('ada:p@ss').toString('base64')}`);
});

test('json has the words and the numbers', async (t) => {
  const { host, told } = await startReceiver(t, (response) => response.writeHead(204).end());
  const { send } = createNotifier({ url: `http://${host}/hook`, format: 'json' });
  assert.deepEqual(await send(finished, signal), { ok: true });
  assert.deepEqual(JSON.parse(told[0]?.body ?? ''), {
    title: 'Darkroom has finished',
    message: '1,204 described, 3 parked, in 2 h 10 min',
    described: 1_204,
    parked: 3,
    seconds: 7_800,
    finishedAt: '2026-11-21T18:00:00.000Z',
  });
  assert.equal(told[0]?.headers['content-type'], 'application/json');
  assert.equal(told[0]?.headers.authorization, undefined);
});

test('what goes wrong is told by the host alone: topic, login and query never come out', async (t) => {
  const answers = [
    (response: ServerResponse) => response.writeHead(403).end('no secret-topic for you'),
    (response: ServerResponse) => response.writeHead(301, { location: '/elsewhere' }).end(),
    (response: ServerResponse) => response.destroy(),
    () => undefined,
  ];
  const { host, told } = await startReceiver(t, (response) => answers[told.length - 1]?.(response));
  const url = `http://user:secret-word@${host}/secret-topic?auth=secret-token`;
  const { send } = createNotifier({ url, format: 'text', limitMs: 300 });
  const said: string[] = [];
  for (let at = 0; at < answers.length; at += 1) {
    const sent = await send(finished, signal);
    assert.ok(!sent.ok);
    said.push(sent.why);
  }
  assert.equal(said[0], `${host} answers 403`);
  assert.match(said[1] ?? '', /sends elsewhere \(301\); DARKROOM_NOTIFY_URL/);
  assert.match(said[2] ?? '', /cannot be reached \(UND_ERR_SOCKET\)/);
  assert.match(said[3] ?? '', /no answer in time/);
  const nobody = await createNotifier({ url: 'http://127.0.0.1:9/secret-topic', format: 'text' }).send(
    finished,
    signal,
  );
  assert.ok(!nobody.ok);
  assert.doesNotMatch([...said, nobody.why].join('\n'), /secret/);
});
