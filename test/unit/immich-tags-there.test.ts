import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImmichApi } from '../../adapters/immich/api.ts';
import { createTagsThere } from '../../adapters/immich/tags-there.ts';
import { ConfigError } from '../../domain/errors.ts';

const soon = () => AbortSignal.timeout(10_000);

/** An Immich that answers GET /tags with what `tags` holds; undefined: the key may not read them. */
function scene() {
  const play = { tags: [] as object[] | undefined, now: 0, asked: 0, said: [] as string[] };
  const no = (): never => {
    throw new Error('nobody asks for this');
  };
  const api: ImmichApi = {
    async json(call, schema) {
      assert.deepEqual([call.method, call.path, call.needs], ['GET', '/tags', 'tag.read']);
      play.asked += 1;
      if (play.tags !== undefined) return { kind: 'answer', value: schema.parse(play.tags) };
      return { kind: 'forbidden', fault: new ConfigError('ImmichKeyRefused', 'The key lacks tag.read.') };
    },
    picture: no,
    server: 'immich',
    close: no,
  };
  const log = (message: string) => void play.said.push(message);
  return { play, hasTags: createTagsThere({ api, limitMs: 1_000, log, now: () => play.now }) };
}

test('whether there are tags is asked once a minute, however many photos want to know', async () => {
  const { play, hasTags } = scene();
  for (let photo = 0; photo < 50; photo += 1) assert.equal(await hasTags(soon()), false);
  assert.equal(play.asked, 1);
  play.tags = [{ id: 'a' }];
  play.now = 59_999;
  assert.equal(await hasTags(soon()), false);
  play.now = 60_000;
  assert.equal(await hasTags(soon()), true);
  assert.equal(play.asked, 2);
});

test('photos that begin at the same time ask once between them', async () => {
  const { play, hasTags } = scene();
  play.tags = [{ id: 'a' }];
  assert.deepEqual(await Promise.all(Array.from({ length: 8 }, () => hasTags(soon()))), Array(8).fill(true));
  assert.equal(play.asked, 1);
});

test('a key that may not read tags does not know, and that is said once', async () => {
  const { play, hasTags } = scene();
  play.tags = undefined;
  for (const at of [0, 1, 60_000, 120_000]) {
    play.now = at;
    assert.equal(await hasTags(soon()), undefined);
  }
  assert.deepEqual(play.said, ['Each photo is read once more for its tags. The key lacks tag.read.']);
  assert.equal(play.asked, 3);
});
