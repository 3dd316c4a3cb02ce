import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import { connect, type Statement } from '../../adapters/postgres/connection.ts';
import { postgresOptions } from '../../runtime/database/target.ts';
import { verifyScheduleId } from '../../workflows/messages.ts';
import { startScriptedImmich } from '../support/immich/server.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { startUp } from '../support/up.ts';

const photos = 6;

test('kill -9 of the engine between a text that is put back and its row: each is put back once, and stands', async (t) => {
  const immich = await startScriptedImmich({ jobDelayMs: null });
  t.after(() => immich.stop());
  const host = await startScriptedHost();
  t.after(() => host.off());
  const libraryId = immich.addLibrary(immich.user.id, true);
  const ids = immich.addAssets(immich.user.id, photos, { libraryId });
  const env = {
    IMMICH_API_URL: immich.url,
    IMMICH_API_KEY: immich.user.key,
    FIRST_LOOK: '0',
    IMMICH_PEOPLE_WAIT: '0s',
    IMMICH_VERIFY_MIN: '1',
  };
  const up = await startUp(t, { folders: [], hosts: [host.url], env });
  await up.until('all are done', async () => (await up.counts()).done === photos, 480_000);
  const written = new Map(ids.map((id) => [id, immich.description(id)]));
  immich.runJobs();
  assert.deepEqual(ids.map(immich.description), Array(photos).fill(''), 'a read-only folder loses them');
  immich.setReadOnly(libraryId, false);

  const database = connect(postgresOptions((await up.run()).database, { max: 1 }), { max: 1 });
  t.after(() => database.close());
  const { address, namespace } = (await up.run()).temporal;
  const connection = await Connection.connect({ address });
  t.after(() => connection.close());
  const engine = await up.pid('engine');
  let isKilled = false;
  // Immich has written the third of them, and its answer is not sent yet.
  immich.when('after', { route: 'PUT /assets/:id', after: 2, times: 1 }, () => {
    isKilled = process.kill(engine, 'SIGKILL');
  });
  // Three minutes later.
  await database.run((sql) => sql`update darkroom.publication set written_at = written_at - interval '3 minutes'`);
  await new Client({ connection, namespace }).schedule.getHandle(verifyScheduleId).trigger();

  await up.until('it is killed', () => isKilled);
  // By the next round, or by a run of its own: the engine that has just begun sees that Immich changed it.
  const known: Statement = (sql) => sql`select from darkroom.publication where state = 'written'`;
  const isKnown = async () => (await database.rows(z.unknown(), known)).length === photos;
  const stands = () => ids.every((id) => immich.description(id) === written.get(id));
  // An engine that has just begun may not know yet whose key it is: then the next round, a minute later, goes on.
  await up.until('each is put back', async () => stands() && (await isKnown()), 600_000);
  const { textsWritten, lostHumanTexts, writesAfterClear } = immich.counts();
  assert.deepEqual(new Set(Object.values(textsWritten)), new Set([2]));
  assert.deepEqual([lostHumanTexts, writesAfterClear], [[], 0]);
  await up.stop();
});
