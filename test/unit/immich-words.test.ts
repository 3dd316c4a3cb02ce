import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permissionFindings } from '../../clients/doctor/immich-permissions.ts';
import { failed } from '../../clients/doctor/immich.ts';
import { firstLookNews, immichLines, type ImmichNow } from '../../clients/immich/now.ts';
import { fetchPhoto } from '../../clients/immich/photo.ts';
import { onePhoto } from '../../clients/one-photo.ts';
import { wrapped } from '../../clients/output.ts';
import { UsageError } from '../../clients/usage-error.ts';
import { ConfigError, TransientError } from '../../domain/errors.ts';
import { firstLookLines } from '../../domain/first-look.ts';
import { namedAsset } from '../../domain/immich-link.ts';
import { leftOutWords } from '../../domain/immich-rules.ts';
import { skippedInWords } from '../../domain/immich-status.ts';
import { pageOfPhoto, photoNames } from '../../domain/photo-name.ts';
import { skipAdvice } from '../../domain/skip-advice.ts';
import type { FoundAsset } from '../../domain/status.ts';
import type { ImmichAsset } from '../../domain/immich.ts';
import { loadSettings } from '../../runtime/config.ts';
import { immichAsset } from '../support/immich-asset.ts';

const id = '0f3c2a10-1111-4222-8333-444455556666';
const other = '0f3c2a10-1111-4222-8333-444455557777';
const root = 'http://immich:2283';

test('a photo of Immich is known by its id, by our name for it, and by any link of the web app to it', () => {
  for (const text of [id, id.toUpperCase(), ` ${id} `, `${id}/IMG_1.jpg`]) assert.deepEqual(namedAsset(text), { id });
  for (const [link, host] of [
    [`https://photos.example/photos/${id}`, 'photos.example'],
    [`http://immich:2283/photos/${id}?at=1#x`, 'immich:2283'],
    [`https://h/prefix/albums/${other}/photos/${id}`, 'h'],
    [`https://h/people/${other}/photos/${id}/`, 'h'],
  ] as const) {
    assert.deepEqual(namedAsset(link), { id, host }, link);
  }
  for (const text of [
    'IMG_1.jpg',
    `/photos/${id}`,
    `https://h/albums/${id}`,
    `${id}.jpg`,
    `x${id}`,
    '',
    `${id}0`,
    `https://h/photos/${id}0`,
  ]) {
    assert.equal(namedAsset(text), undefined, text);
  }
});

test('people are told of a photo of Immich by its file name and link, and of a file by its path', () => {
  const immich = { name: 'immich', root: `${root}/api`, kind: 'immich' } as const;
  const rows = { name: 'rows', root: 'postgres://db:5432/immich', kind: 'immich' } as const;
  const nameOf = photoNames([{ name: 'pictures', root: '/p' }, immich, rows]);
  assert.equal(nameOf({ library: 'pictures', path: 'a/b.jpg' }), 'pictures/a/b.jpg');
  assert.equal(nameOf({ library: 'immich', path: `${id}/IMG_1.jpg` }), `IMG_1.jpg  ${root}/photos/${id}`);
  assert.equal(nameOf({ library: 'rows', path: `${id}/IMG_1.jpg` }), `IMG_1.jpg  ${id}`);
  assert.equal(nameOf({ library: 'nobody', path: 'x.jpg' }), 'nobody/x.jpg');
  assert.equal(pageOfPhoto({ path: `${id}/a.jpg` }, rows), undefined);
  const held = [{ path: `${id}/a.jpg`, text: 'A lake.', model: 'm' }];
  assert.ok(firstLookLines(rows, held).includes(`a.jpg  ${id}`));
});

test('what was skipped is told by reason, one photo otherwise than several', () => {
  const grouped = (count: number) => count.toLocaleString('en-US');
  assert.equal(skippedInWords([], grouped), undefined);
  const human = { reason: 'it has a text that somebody wrote', count: 1_190 };
  const hidden = { reason: leftOutWords.hidden, count: 14 };
  assert.equal(
    skippedInWords([human, hidden], grouped),
    '1,204 skipped: 1,190 have a text that somebody wrote, 14 are hidden',
  );
  const each = Object.values(leftOutWords).map((reason) => ({ reason, count: 1 }));
  assert.equal(
    skippedInWords([...each, { ...human, count: 1 }], grouped),
    "7 skipped: 1 is a partner's photo, 1 is in the trash of Immich, 1 is in the locked folder, 1 is hidden, " +
      '1 whose file is away from the server, 1 is no photo, 1 has a text that somebody wrote',
  );
  const many = Object.values(leftOutWords).map((reason) => ({ reason, count: 2 }));
  assert.equal(
    skippedInWords(many, grouped),
    "12 skipped: 2 are a partner's photos, 2 are in the trash of Immich, 2 are in the locked folder, 2 are hidden, " +
      '2 whose file is away from the server, 2 are no photos',
  );
});

test('what a person may change is said with its setting, and nothing where there is nothing to change', () => {
  const advice = (why: string) => skipAdvice(why, { policy: 'none' });
  assert.match(advice('it has a text that somebody wrote') ?? '', /^OVERWRITE_POLICY, which is none, .*preserve-human/);
  assert.match(advice('it has a text in an [AI] block') ?? '', /OVERWRITE_POLICY/);
  assert.match(advice('somebody wrote beside our text') ?? '', /OVERWRITE_POLICY/);
  assert.match(advice(leftOutWords['not-an-image']) ?? '', /IMMICH_VIDEOS=on/);
  assert.match(advice(leftOutWords.partner) ?? '', /IMMICH_API_KEY/);
  assert.equal(advice(leftOutWords.trashed), undefined);
});

const library: ImmichNow = { name: 'immich', root, firstLook: 'shown', skipped: [], held: 20 };

test('a first look stands on top with what to type, unbroken in a narrow terminal where it can be', () => {
  const [line = ''] = firstLookNews([library]);
  assert.match(line, /^First look at immich: 20 texts wait for your word, nothing is written to Immich yet\./);
  const narrow = wrapped(line, 40);
  assert.ok(
    narrow.every((part) => part.length <= 40),
    narrow.join('\n'),
  );
  assert.match(narrow.join(' '), /darkroom backfill immich --go$/);
  assert.match(firstLookNews([{ ...library, firstLook: 'due', held: 3 }]).join(), /its newest photos .*\(3 so far\)/);
  assert.deepEqual(firstLookNews([{ ...library, firstLook: 'over' }]), []);
});

test('below its line a library of Immich says whose it is, what was skipped, and what is in the way', () => {
  const now = new Date(2026, 10, 20, 14).getTime();
  const lines = immichLines(
    {
      ...library,
      firstLook: 'over',
      owner: 'Ana',
      version: '3.1.0',
      skipped: [{ reason: leftOutWords.hidden, count: 1 }],
      readOnlySince: new Date(2026, 10, 20, 9, 5).getTime(),
    },
    now,
  );
  assert.deepEqual(lines, [
    'photos of Ana, Immich 3.1.0',
    '1 skipped: 1 is hidden',
    '20 described and not written yet',
    'read-only: since 09:05 it is known that Immich wipes what is written (docs/immich.md)',
  ]);
  assert.deepEqual(immichLines({ ...library, held: 0 }, now), []);
});

test('a key that lacks something is told what it would be for, and only of what the settings ask for', () => {
  const settings = (more: Record<string, string> = {}) =>
    loadSettings({ IMMICH_API_URL: root, IMMICH_API_KEY: 'k', ...more });
  const told = (permissions: readonly string[], more?: Record<string, string>) =>
    permissionFindings('Immich', { permissions, userName: 'Ana' }, settings(more)).map(
      ({ level, detail }) => `${level}: ${detail}`,
    );
  const least = ['user.read', 'asset.read', 'asset.view', 'asset.update'];
  const all = [...least, 'asset.statistics', 'person.read', 'tag.read', 'album.read'];
  assert.deepEqual(told(all), []);
  assert.equal(told(all, { IMMICH_TAGS: 'on' }).length, 2);
  assert.equal(told(all, { IMMICH_WEBHOOK_URL: 'http://here:2285' }).length, 4);
  assert.ok(told(least).every((line) => line.startsWith('note: the key of Ana lacks ')));
  assert.deepEqual(told(all.slice(1)), ['wrong: the key of Ana lacks user.read, for knowing whose photos they are']);
  assert.deepEqual(told(['all']), ['note: the key of Ana may do everything']);
});

test('no answer in time, an Immich that is away and a wrong setting are told apart', () => {
  const timeout = failed('Immich', 'key 1', new DOMException('aborted', 'TimeoutError'));
  assert.deepEqual([timeout.level, /IMMICH_API_URL/.test(timeout.todo ?? '')], ['away', true]);
  assert.equal(failed('Immich', 'key 1', new TransientError('ImmichUnavailable', 'away')).level, 'away');
  assert.equal(failed('Immich', 'key 1', new ConfigError('ImmichKeyRefused', 'no')).level, 'wrong');
});

const found = (at: Partial<FoundAsset>): FoundAsset => ({
  asset: { assetId: '1', library: 'immich', path: `${id}/IMG_1.jpg` },
  rawPath: Buffer.from(id),
  root,
  kind: 'immich',
  match: 'exact',
  state: 'done',
  waitingReason: undefined,
  waitingSince: undefined,
  content: undefined,
  description: undefined,
  ...at,
});

test('of the same id on two servers a link means the one of its address', async () => {
  const two = [found({}), found({ root: 'http://elsewhere:2283', asset: { ...found({}).asset, library: 'second' } })];
  const queries = { findByPath: async () => [], findInImmich: async () => two };
  assert.equal((await onePhoto(queries, `http://ELSEWHERE:2283/photos/${id}`)).asset.library, 'second');
  await assert.rejects(onePhoto(queries, id), /Several photos are called/);
  const none = { findByPath: async () => [], findInImmich: async () => [] };
  await assert.rejects(onePhoto(none, id), /darkroom describe/);
});

test('a photo that a partner shares is not fetched into a library that is not theirs', async () => {
  const signal = new AbortController().signal;
  const ways = async () => [];
  const store = { libraries: async () => [], register: () => assert.fail('nothing to register') };
  assert.equal(await fetchPhoto({ ways, store }, 'IMG_1.jpg', signal), undefined);
  const asking = (asset: ImmichAsset | undefined, keySha = 'a') => {
    const registered: string[] = [];
    const record = {
      id: '1',
      name: 'immich',
      root,
      kind: 'immich',
      ownerId: 'ana',
      keySha: 'a',
      firstLook: 'over',
    } as const;
    return {
      registered,
      ways: async () => [{ keySha, root, immich: { asset: async () => asset } }],
      store: {
        libraries: async () => [record],
        async register(_library: unknown, assets: readonly { path: string }[]) {
          registered.push(...assets.map(({ path }) => path));
          return [];
        },
      },
    };
  };
  const mine = asking(immichAsset({ id, ownerId: 'ana', originalFileName: 'a.jpg' }));
  await assert.rejects(fetchPhoto(mine, id, signal), UsageError);
  assert.deepEqual(mine.registered, [`${id}/a.jpg`]);
  const others = [
    asking(immichAsset({ id, ownerId: 'ben' })),
    asking(undefined),
    asking(immichAsset({ id, ownerId: 'ana' }), 'b'),
  ];
  for (const theirs of others) {
    await assert.rejects(fetchPhoto(theirs, id, signal), /No user whose key Darkroom has owns a photo/);
    assert.deepEqual(theirs.registered, []);
  }
  await assert.rejects(fetchPhoto({ ways, store }, id, signal), (error) => error instanceof UsageError);
});
