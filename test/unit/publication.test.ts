import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  firstVerificationMs,
  isOurs,
  isVerifiable,
  judgeLibraryWipes,
  judgeVerified,
  mayPutBack,
  provenanceSays,
  tooManyCleared,
  type Verified,
  type VerifyQuestion,
} from '../../domain/publication.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const writtenAt = 1_800_000_000_000;
const minute = 60_000;
const ours = [sha('A dog.'), sha('An older text.')];

test('a field is ours as a whole or not at all, whatever white space Immich took from its ends', () => {
  assert.equal(isOurs(' A dog.\n', ours, sha), true);
  assert.equal(isOurs('A dog. Rex!', ours, sha), false);
  assert.equal(isOurs(' ', [sha('')], sha), false);
});

test('what is read back is ours, lost by Immich, cleared by a person, or theirs', () => {
  const rows: readonly [Partial<VerifyQuestion>, Verified][] = [
    [{ field: 'A dog.' }, 'stands'],
    [{ field: 'An older text.\n' }, 'stands'],
    [{ field: 'A dog.', firstVerification: false }, 'stands'],
    [{ field: '' }, 'wiped'],
    [{ field: ' \n' }, 'wiped'],
    [{ field: '', now: writtenAt + firstVerificationMs }, 'wiped'],
    // Nobody looked for an hour: a person had the time.
    [{ field: '', now: writtenAt + firstVerificationMs + 1 }, 'cleared'],
    [{ field: '', firstVerification: false }, 'cleared'],
    [{ field: 'Rex' }, 'edited'],
    [{ field: 'A dog. Rex!', firstVerification: false }, 'edited'],
    [{ field: 'OLYMPUS DIGITAL CAMERA', before: 'OLYMPUS DIGITAL CAMERA ' }, 'wiped'],
    [{ field: 'OLYMPUS DIGITAL CAMERA', before: 'OLYMPUS DIGITAL CAMERA', firstVerification: false }, 'cleared'],
    [{ field: '', before: 'Rex' }, 'wiped'],
  ];
  for (const [over, expected] of rows) {
    const question = { writtenAt, now: writtenAt + 5 * minute, firstVerification: true, field: '', ours, sha, ...over };
    assert.equal(judgeVerified(question), expected, JSON.stringify(over));
  }
});

test('a lost text is put back once, and never in a library that loses everything', () => {
  assert.equal(mayPutBack({ rewrites: 0, isReadOnly: false }), true);
  assert.equal(mayPutBack({ rewrites: 1, isReadOnly: false }), false);
  assert.equal(mayPutBack({ rewrites: 0, isReadOnly: true }), false);
  assert.equal(isVerifiable(writtenAt, writtenAt + minute), false);
  assert.equal(isVerifiable(writtenAt, writtenAt + 2 * minute), true);
});

test('a library is read-only when what was put back is lost again, unless most texts stand', () => {
  const rows = [
    [{ verified: 0, wiped: 5, rewrittenAndWipedAgain: 0 }, 'fine'],
    [{ verified: 0, wiped: 5, rewrittenAndWipedAgain: 1 }, 'read-only'],
    [{ verified: 1, wiped: 2, rewrittenAndWipedAgain: 2 }, 'fine'],
    [{ verified: 2, wiped: 3, rewrittenAndWipedAgain: 3 }, 'read-only'],
    [{ verified: 500, wiped: 5, rewrittenAndWipedAgain: 5 }, 'fine'],
    [{ verified: 0, wiped: 0, rewrittenAndWipedAgain: 0 }, 'fine'],
  ] as const;
  for (const [counts, expected] of rows) assert.equal(judgeLibraryWipes(counts), expected, JSON.stringify(counts));
});

test('a few cleared texts are a person’s doing, a tenth of a library at once is not', () => {
  const rows = [
    [10, 9, false],
    [10, 10, true],
    [100, 10, true],
    [1_000, 99, false],
    [1_000, 100, true],
    [0, 0, false],
  ] as const;
  for (const [checked, cleared, expected] of rows)
    assert.equal(tooManyCleared({ checked, cleared }), expected, `${cleared} of ${checked}`);
});

test('what is left beside a text tells whether it is ours and of the wanted recipe, as long as nobody changed it', () => {
  const left = { recipe: 'wanted', model: 'm', textSha: sha('A dog.'), at: '2026-01-01T00:00:00Z' };
  assert.equal(provenanceSays(left, 'wanted', 'A dog.\n', sha), 'done');
  assert.equal(provenanceSays(left, 'other', 'A dog.', sha), 'outdated');
  assert.equal(provenanceSays(left, 'wanted', 'A dog. Rex!', sha), 'foreign');
  assert.equal(provenanceSays(left, 'wanted', '', sha), 'foreign');
  assert.equal(provenanceSays(undefined, 'wanted', 'A dog.', sha), 'foreign');
});
