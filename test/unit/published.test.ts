import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishedLines, roundFindings } from '../../clients/immich/published.ts';
import type { PublishedCounts } from '../../domain/published.ts';
import { undoneInWords, nothingUndone } from '../../domain/undo.ts';
import { nothingLookedAt, verifiedInWords, type VerifyReport } from '../../domain/verify.ts';

const none: PublishedCounts = {
  library: 'immich',
  written: 0,
  seen: 0,
  kept: 0,
  cleared: 0,
  wiped: 0,
  unsure: 0,
  undone: 0,
};
const now = Date.UTC(2026, 0, 2, 12);
const round = (more: Partial<VerifyReport> = {}): VerifyReport => ({
  ...nothingLookedAt,
  startedAt: now - 60_000,
  endedAt: now - 60_000,
  ...more,
});

test('status says how many texts stand, how many were seen there, and what became of the others', () => {
  const counts = { ...none, written: 1_190, seen: 1_180, kept: 2, cleared: 3, undone: 1 };
  assert.deepEqual(publishedLines(counts, undefined, now), [
    'texts in Immich: 1,190 written (1,180 seen there since), 2 where somebody wrote, 3 taken out by people, 1 taken back',
  ]);
  const [line = ''] = publishedLines({ ...none, written: 5, seen: 5 }, round(), now);
  assert.match(line, /^texts in Immich: 5 written \(all seen there since\); looked at again /);
  assert.deepEqual(publishedLines(none, round(), now), []);
  assert.deepEqual(publishedLines(undefined, round(), now), []);
});

test('lost texts are told with what to do, and only problems of this library', () => {
  const last = round({ problems: ['immich: 12 texts are gone', 'immich-bob: no answer'] });
  const lines = publishedLines({ ...none, wiped: 4 }, last, now);
  assert.match(lines[0] ?? '', /0 written, 4 that Immich did not keep/);
  assert.equal(lines[1], 'immich: 12 texts are gone');
  assert.match(lines[2] ?? '', /mount the folder writable .* Then darkroom put-back immich writes them once more/);
  assert.equal(lines.length, 3);
  assert.match(
    publishedLines({ ...none, unsure: 4 }, undefined, now)[1] ?? '',
    /^If they should be there, darkroom put-back/,
  );
});

test('doctor says when texts were last looked at, and calls it late, off or never done', () => {
  const counts = [{ ...none, written: 2 }];
  const level = (last: VerifyReport | undefined, everyMin = 10) =>
    roundFindings({ counts, last, everyMin, now }).map((one) => one.level);
  assert.deepEqual(level(round()), ['ok']);
  assert.deepEqual(level(round({ problems: ['immich: no answer'] })), ['note']);
  assert.deepEqual(level(round({ endedAt: now - 31 * 60_000 })), ['note']);
  assert.deepEqual(level(round({ endedAt: now - 31 * 60_000 }), 0), ['ok']);
  assert.deepEqual(level(undefined), ['note']);
  assert.deepEqual(roundFindings({ counts: [], last: undefined, everyMin: 10, now }), []);
  const [, lost] = roundFindings({ counts: [{ ...none, wiped: 1 }], last: round(), everyMin: 10, now });
  assert.equal(lost?.level, 'wrong');
  assert.match(lost?.todo ?? '', /put-back immich/);
});

test('a round and an undo are told in one line each', () => {
  assert.equal(verifiedInWords(nothingLookedAt), 'no text was due');
  assert.equal(verifiedInWords({ ...nothingLookedAt, looked: 1, stands: 1 }), '1 text looked at: 1 stand');
  assert.equal(
    verifiedInWords({ ...nothingLookedAt, looked: 5, stands: 2, putBack: 1, wiped: 1, gone: 1 }),
    '5 texts looked at: 2 stand, 1 put back, 1 not kept by Immich, 1 whose photo is gone',
  );
  assert.equal(undoneInWords(nothingUndone, false), 'there is nothing to take back');
  assert.equal(
    undoneInWords({ ...nothingUndone, looked: 3, undone: 2, edited: 1 }, true),
    '2 texts would be taken back, 1 left as they are, because the field was changed since',
  );
});
