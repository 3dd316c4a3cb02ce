import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { connect } from '../../adapters/postgres/connection.ts';
import { createDescriptionStore } from '../../adapters/postgres/description-store.ts';
import { createStatusQueries } from '../../adapters/postgres/status-queries.ts';
import { hashOf, sampleDescription, sampleKey } from '../support/store-samples.ts';
import { migratedDatabase } from '../support/stores.ts';

async function open(t: TestContext) {
  const { address } = await migratedDatabase();
  const database = connect(address, { max: 4 });
  t.after(() => database.close());
  return { database, descriptions: createDescriptionStore({ database }), status: createStatusQueries({ database }) };
}

test('calls, tokens and time are summed by host, simulated ones apart', async (t) => {
  const { descriptions, status } = await open(t);
  const answer = sampleDescription('x');
  const { evalMs, ...untimed } = answer;
  const { answerTokens, ...uncounted } = answer;
  for (const [index, one] of [answer, answer, untimed, uncounted].entries()) {
    await descriptions.save(sampleKey(`${index}`), one);
  }
  await descriptions.save(sampleKey('z'), { text: 'y', model: 'm', host: 'http://z', simulated: true, totalMs: 5 });
  const totals = [
    { host: 'http://localhost:11434', model: 'qwen3-vl', simulated: false, calls: 4 },
    { host: 'http://z', model: 'm', simulated: true, calls: 1 },
  ];
  const sums = (await status.hostTotals()).map((one) => ({ ...one, firstAt: undefined, lastAt: undefined }));
  const when = { firstAt: undefined, lastAt: undefined };
  const speed = { evalMs: 2 * (evalMs ?? 0), evalTokens: 2 * (answerTokens ?? 0), ...when };
  assert.deepEqual(sums, [
    { ...totals[0], promptTokens: 3_600, answerTokens: 240, totalMs: 10_400, ...speed },
    { ...totals[1], promptTokens: 0, answerTokens: 0, totalMs: 5, evalMs: 0, evalTokens: 0, ...when },
  ]);
  assert.deepEqual(await status.hostTotals(Date.now() + 3_600_000), []);
});

test('a host is known by its first and its last answer, and its share by those of the last minutes', async (t) => {
  const { database, descriptions, status } = await open(t);
  const now = Date.now();
  for (const [minutes, host] of [
    [90, 'http://a'],
    [9, 'http://a'],
    [2, 'http://a'],
    [1, 'http://b'],
  ] as const) {
    await descriptions.save(sampleKey(`${minutes}`), { ...sampleDescription('x'), host });
    await database.run(
      (sql) => sql`
        update darkroom.description set created = ${new Date(now - minutes * 60_000).toISOString()}::text::timestamptz
        where content_hash = ${hashOf(`${minutes}`)}`,
    );
  }
  const since = async (time?: number) =>
    (await status.hostTotals(time)).map(({ host, calls, firstAt, lastAt }) => [
      host,
      calls,
      (now - firstAt) / 60_000,
      (now - lastAt) / 60_000,
    ]);
  assert.deepEqual(await since(), [
    ['http://a', 3, 90, 2],
    ['http://b', 1, 1, 1],
  ]);
  assert.deepEqual(await since(now - 600_000), [
    ['http://a', 2, 9, 2],
    ['http://b', 1, 1, 1],
  ]);
});
