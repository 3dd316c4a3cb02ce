import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fileName, sameFile } from '../../domain/asset.ts';
import type { ImmichAsset } from '../../domain/immich.ts';
import {
  assetIdOf,
  judgeReady,
  leftOut,
  leftOutWords,
  shownPath,
  versionOf,
  type ReadyInput,
} from '../../domain/immich-rules.ts';
import { immichAsset } from '../support/immich-asset.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = 1_800_000_000_000;

test('a photo on the timeline or in the archive is described, and what a person put out of sight is not', () => {
  const rows: readonly [Partial<ImmichAsset>, ReturnType<typeof leftOut>][] = [
    [{}, undefined],
    [{ visibility: 'archive' }, undefined],
    [{ visibility: 'hidden' }, 'hidden'],
    [{ visibility: 'locked' }, 'locked'],
    [{ isTrashed: true }, 'trashed'],
    [{ isTrashed: true, visibility: 'locked' }, 'trashed'],
    [{ isOffline: true }, 'offline'],
    [{ ownerId: 'partner' }, 'partner'],
    [{ ownerId: 'partner', isTrashed: true, type: 'VIDEO' }, 'partner'],
    [{ type: 'AUDIO' }, 'not-an-image'],
    [{ type: 'OTHER' }, 'not-an-image'],
    [{ type: 'VIDEO' }, 'not-an-image'],
    [{ type: 'VIDEO', visibility: 'hidden' }, 'hidden'],
  ];
  for (const [over, expected] of rows) {
    const found = leftOut(immichAsset(over), { userId: 'owner', videos: false });
    assert.equal(found, expected, JSON.stringify(over));
    if (found !== undefined) assert.match(leftOutWords[found], /^it/);
  }
});

test('a video is described by its poster where that is switched on, its hidden half of a live photo never', () => {
  const videos = { userId: 'owner', videos: true };
  assert.equal(leftOut(immichAsset({ type: 'VIDEO' }), videos), undefined);
  assert.equal(leftOut(immichAsset({ type: 'VIDEO', visibility: 'hidden' }), videos), 'hidden');
  assert.equal(leftOut(immichAsset({ type: 'AUDIO' }), videos), 'not-an-image');
});

test('another file, another time and an edit make another picture; words, people and albums do not', () => {
  const version = (over: Partial<ImmichAsset> = {}) => versionOf(immichAsset(over));
  for (const over of [{ checksum: 'other' }, { fileModifiedAt: 1 }, { fileBytes: 1 }, { isEdited: true }]) {
    assert.equal(sameFile(version(), version(over)), false, JSON.stringify(over));
  }
  for (const over of [{ description: 'x' }, { updatedAt: 1 }, { tags: ['a'] }, { createdAt: 5 }]) {
    assert.equal(sameFile(version(), version(over)), true, JSON.stringify(over));
  }
  assert.deepEqual(version({ checksum: 'abc', isEdited: true, fileModifiedAt: 12.7 }), {
    size: 2_000_000,
    mtimeMs: 12,
    ctimeMs: 12,
    inode: 'immich:abc:edited',
  });
  const { fileBytes: _, ...unknown } = immichAsset();
  assert.equal(versionOf(unknown).size, 0);
});

const look = (over: Partial<ReadyInput> = {}): ReadyInput => ({
  now,
  previewThere: true,
  previewWaitMs: 6 * hour,
  peopleWaitMs: 10 * minute,
  recognisesFaces: true,
  ...over,
});

test('a photo that Immich is through with is ready, one that was deleted or put away is gone', () => {
  assert.deepEqual(judgeReady(immichAsset(), look()), { kind: 'ready' });
  assert.deepEqual(judgeReady(undefined, look()), { kind: 'gone', why: 'it was deleted in Immich' });
  for (const [over, words] of [
    [{ isTrashed: true }, /trash/],
    [{ visibility: 'locked' }, /locked/],
    [{ visibility: 'hidden' }, /hidden/],
    [{ isOffline: true }, /away from the server/],
  ] as const) {
    const verdict = judgeReady(immichAsset(over), look());
    assert.ok(verdict.kind === 'gone' && words.test(verdict.why), JSON.stringify(verdict));
  }
});

test('a missing preview is waited for, longer each time, and ends as no preview', () => {
  const waits: number[] = [];
  let at = now;
  for (;;) {
    const verdict = judgeReady(immichAsset(), look({ now: at, first: now, previewThere: false }));
    if (verdict.kind !== 'wait') {
      assert.deepEqual(verdict, { kind: 'no-preview' });
      break;
    }
    assert.match(verdict.why, /no preview/);
    waits.push(verdict.waitMs);
    at += verdict.waitMs;
  }
  assert.equal(at - now, 6 * hour);
  assert.equal(waits[0], 5_000);
  assert.equal(Math.max(...waits), 10 * minute);
  assert.ok(waits.length < 60, `${waits.length} looks`);
});

test('a file that Immich has not read is waited for, and described from its preview when the wait is over', () => {
  const unread = immichAsset({ hasMetadata: false });
  const verdict = judgeReady(unread, look());
  assert.ok(verdict.kind === 'wait' && verdict.why.includes('not read its file'));
  assert.deepEqual(judgeReady(unread, look({ first: now - 6 * hour })), { kind: 'ready' });
  assert.deepEqual(judgeReady(unread, look({ first: now - 6 * hour, previewThere: false })), { kind: 'no-preview' });
});

test('only a photo that Immich has just learned of waits for people, and only where faces are recognised', () => {
  const fresh = immichAsset({ createdAt: now - minute });
  assert.deepEqual(judgeReady(fresh, look()), {
    kind: 'wait',
    why: 'Immich may still recognise people in it',
    waitMs: minute,
  });
  assert.deepEqual(judgeReady(fresh, look({ recognisesFaces: false })), { kind: 'ready' });
  assert.deepEqual(judgeReady(fresh, look({ peopleWaitMs: 0 })), { kind: 'ready' });
  assert.deepEqual(judgeReady(immichAsset({ createdAt: now - minute, people: [{ name: 'Ada' }] }), look()), {
    kind: 'ready',
  });
  assert.deepEqual(judgeReady(immichAsset({ createdAt: now - 10 * minute }), look()), { kind: 'ready' });
  const late = judgeReady(immichAsset({ createdAt: now - 9.9 * minute }), look());
  assert.ok(late.kind === 'wait' && late.waitMs <= 0.1 * minute + 1, 'not beyond the end of the wait');
});

test('whatever the clocks say, every wait ends in time and after few looks', () => {
  const moment = fc.integer({ min: -48 * hour, max: 48 * hour });
  fc.assert(
    fc.property(moment, fc.boolean(), fc.boolean(), (createdAgo, hasMetadata, previewThere) => {
      const asset = immichAsset({ createdAt: now - createdAgo, hasMetadata });
      let at = now;
      for (let looks = 0; ; looks += 1) {
        assert.ok(looks < 60, 'too many looks');
        const verdict = judgeReady(asset, look({ now: at, ...(looks > 0 && { first: now }), previewThere }));
        if (verdict.kind !== 'wait') break;
        assert.ok(Number.isInteger(verdict.waitMs) && verdict.waitMs > 0 && verdict.waitMs <= 10 * minute);
        at += verdict.waitMs;
      }
      assert.ok(at - now <= 6 * hour + 1);
      if (hasMetadata && previewThere) assert.ok(at - now <= 10 * minute);
    }),
  );
});

test('a photo is shown as its id and its name, and the id is found again', () => {
  const id = immichAsset().id;
  assert.equal(shownPath(immichAsset()), `${id}/IMG_2031.HEIC`);
  assert.equal(assetIdOf(shownPath(immichAsset())), id);
  assert.equal(shownPath(immichAsset({ originalFileName: '../a\\b\n/c.jpg' })), `${id}/.._a_b _c.jpg`);
  for (const name of ['', '.', '..', '\u202e', ' ']) {
    assert.equal(shownPath(immichAsset({ originalFileName: name })), `${id}/unnamed`);
  }
  assert.match(shownPath(immichAsset({ originalFileName: `${'x'.repeat(400)}.jpeg` })), /x\.jpeg$/);
  for (const start of ['', 'x'])
    assert.ok(shownPath(immichAsset({ originalFileName: start + '🎅'.repeat(200) })).isWellFormed());
  assert.equal(assetIdOf('2024/IMG_1.jpg'), undefined);
  assert.equal(assetIdOf(`${id}9/x`), undefined);
  assert.equal(assetIdOf(id.toUpperCase()), id);
});

test('whatever a file is called, its shown path is one line of two parts and at most 255 characters', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: fc.constantFrom('🎅', '/', '\\', '.', '\0', '\u202e', '\uD800', 'é'), maxLength: 300 }),
  );
  fc.assert(
    fc.property(name, (originalFileName) => {
      const path = shownPath(immichAsset({ originalFileName }));
      assert.ok(path.length <= 255 && path.isWellFormed(), path);
      assert.equal(path.split('/').length, 2);
      assert.doesNotMatch(path, /[\p{Cc}\p{Cf}\\]/u);
      assert.notEqual(fileName(path), '');
      assert.equal(assetIdOf(path), immichAsset().id);
    }),
  );
});
