import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { choiceScene } from '../support/immich-choice-scene.ts';

test("kill -9 of everything and the loss of Temporal's files: the chosen photos are described, so many and once", async (t) => {
  const { immich, owner, dataDir, add, start, begin, ended, described, calls } = await choiceScene(t, {}, 60);
  const ids = add(90);
  const inAlbum = ids.slice(5, 81);
  const album = immich.addAlbum(owner, 'Trip', inAlbum);
  const first = await start();
  const { backfill, photos } = await begin('--album', 'trip', '--limit', '70');
  assert.equal(photos, 76);
  // More than the window holds: the choice itself is not through either.
  await first.until('some are written', () => described(ids).length >= 6);
  for (const name of ['temporal', 'postgres', 'engine']) process.kill(await first.pid(name), 'SIGKILL');
  await first.kill();
  await rm(path.join(dataDir, 'temporal'), { recursive: true });
  const [before, called] = [described(ids).length, calls()];
  assert.ok(before < 64, `${before} were written before the kill`);
  // The album goes on living, and is not called so any more.
  const added = ids.slice(81, 84);
  immich.changeAlbum(album, { name: 'Norway', assetIds: [...inAlbum, ...added] });

  const second = await start();
  const isOver = async () => described(ids).length === 70 && (await ended(backfill));
  await second.until('as many as were wanted are written', isOver, 480_000);
  const everInAlbum = new Set([...inAlbum, ...added]);
  assert.deepEqual(
    described(ids).filter((id) => !everInAlbum.has(id)),
    [],
  );
  await second.stop();
  assert.equal(described(ids).length, 70);
  assert.ok(
    calls() <= 71,
    `${calls()} calls, ${called} of them before the kill: only the one in flight may be made again`,
  );
});

test('all that were wanted are taken and none is read, everything is killed, newer photos come to the album: those that were taken are described', async (t) => {
  const { immich, owner, dataDir, add, start, begin, ended, taken, described, calls } = await choiceScene(t);
  const ids = add(60);
  const album = immich.addAlbum(owner, 'Trip', ids);
  const first = await start();
  // No row tells of a run before its photo was read: only Temporal knows of these.
  immich.fault({ route: 'GET /assets/:id/thumbnail' }, { status: 503 });
  const { backfill } = await begin('--album', 'trip', '--limit', '40');
  await first.until('all that are wanted are taken', async () => (await taken(backfill)) === 40);
  for (const name of ['temporal', 'postgres', 'engine']) process.kill(await first.pid(name), 'SIGKILL');
  await first.kill();
  await rm(path.join(dataDir, 'temporal'), { recursive: true });
  // Immich lists the newest first: these come before all that were taken.
  const newer = immich.addAssets(owner, 5, { createdAt: Date.UTC(2025) });
  immich.changeAlbum(album, { assetIds: [...newer, ...ids] });
  immich.clearMoments();

  const second = await start();
  const isOver = async () => described(ids).length === 40 && (await ended(backfill));
  await second.until('those that were taken are written', isOver, 480_000);
  await second.stop();
  assert.deepEqual([described(newer), calls()], [[], 40]);
});
