import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createMedia } from '../../adapters/immich-db/media.ts';
import { ConfigError, type FaultCode, isDomainError, TransientError } from '../../domain/errors.ts';
import { jpegLike } from '../support/immich-db-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const signal = AbortSignal.timeout(60_000);
const picture = jpegLike(50_000);

async function mounted(t: TestContext) {
  const base = await temporaryFolder(t);
  const root = join(base, 'media');
  await mkdir(join(root, 'thumbs'), { recursive: true });
  return {
    base,
    root,
    media: createMedia([{ theirs: '/data', ours: root }]),
    put: async (path: string, bytes: Buffer = picture) => {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), bytes);
    },
  };
}

const refusal =
  (kind: typeof ConfigError | typeof TransientError, code: FaultCode, words: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof kind && isDomainError(error), String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  };

test('a path of the container is read where the map says, whatever its name', async (t) => {
  const { media, put } = await mounted(t);
  for (const name of ['a_preview.jpeg', 'a-preview.webp', 'ä b $1.jpeg']) {
    await put(`thumbs/o/aa/bb/${name}`);
    assert.deepEqual(await media.read(`/data/thumbs/o/aa/bb/${name}`, signal), picture, name);
  }
});

test('of several folders the one that covers most of a path is taken, at whole names only', async (t) => {
  const { base, root, put } = await mounted(t);
  const fast = join(base, 'fast');
  await mkdir(join(fast, 'o'), { recursive: true });
  await writeFile(join(fast, 'o', 'a.jpeg'), jpegLike(10, 7));
  await put('thumbsy/a.jpeg');
  const media = createMedia([
    { theirs: '/data/', ours: `${root}/` },
    { theirs: '/data/thumbs', ours: fast },
  ]);
  assert.deepEqual(await media.read('/data/thumbs/o/a.jpeg', signal), jpegLike(10, 7));
  assert.deepEqual(await media.read('/data/thumbsy/a.jpeg', signal), picture);
});

test('a file that is not there yet is undefined', async (t) => {
  const { media } = await mounted(t);
  assert.equal(await media.read('/data/thumbs/o/aa/bb/none_preview.jpeg', signal), undefined);
});

test('a folder that is not mounted, or is another one, is no missing preview', async (t) => {
  const { media, root } = await mounted(t);
  await rm(join(root, 'thumbs'), { recursive: true });
  const isAway = refusal(TransientError, 'LibraryUnreadable', /thumbs.*IMMICH_MEDIA_MAP/);
  await assert.rejects(media.read('/data/thumbs/o/a.jpeg', signal), isAway);
  await rm(root, { recursive: true });
  await assert.rejects(media.read('/data/thumbs/o/a.jpeg', signal), isAway);
});

test('a path that no folder covers says which setting to change', async (t) => {
  const { media } = await mounted(t);
  const isUncovered = refusal(ConfigError, 'BadConfig', /no folder of IMMICH_MEDIA_MAP covers/);
  for (const path of ['/usr/src/app/upload/thumbs/a.jpeg', '/database/a.jpeg', '/data', 'thumbs/a.jpeg']) {
    await assert.rejects(media.read(path, signal), isUncovered, path);
  }
});

test('nothing outside the mounted folder is read, neither by dots nor by links', async (t) => {
  const { base, media, root } = await mounted(t);
  await writeFile(join(base, 'secret.jpeg'), 'secret');
  await assert.rejects(media.read('/data/thumbs/../../secret.jpeg', signal), /no folder of IMMICH_MEDIA_MAP covers/);
  await symlink(join(base, 'secret.jpeg'), join(root, 'thumbs', 'link.jpeg'));
  await symlink(base, join(root, 'thumbs', 'up'));
  const leadsOut = refusal(ConfigError, 'BadConfig', /leads out of .*IMMICH_MEDIA_MAP/);
  await assert.rejects(media.read('/data/thumbs/link.jpeg', signal), leadsOut);
  await assert.rejects(media.read('/data/thumbs/up/secret.jpeg', signal), leadsOut);
});

test('a folder beside the mounted one whose name only begins alike is outside', async (t) => {
  const { root, media } = await mounted(t);
  await mkdir(`${root}-old`);
  await writeFile(join(`${root}-old`, 'a.jpeg'), 'secret');
  await symlink(join(`${root}-old`, 'a.jpeg'), join(root, 'thumbs', 'a.jpeg'));
  await assert.rejects(media.read('/data/thumbs/a.jpeg', signal), /leads out of/);
});

test('the mounted folder itself may be a link', async (t) => {
  const { base, root, put } = await mounted(t);
  await put('thumbs/a.jpeg');
  await symlink(root, join(base, 'link'));
  const media = createMedia([{ theirs: '/data', ours: join(base, 'link') }]);
  assert.deepEqual(await media.read('/data/thumbs/a.jpeg', signal), picture);
});

test('a picture that Immich is writing in place is not read torn', async (t) => {
  const { media, put, root } = await mounted(t);
  for (const torn of [picture.subarray(0, 20_000), Buffer.alloc(0)]) {
    await put('thumbs/a.jpeg', torn);
    const reading = media.read('/data/thumbs/a.jpeg', signal);
    setTimeout(() => void writeFile(join(root, 'thumbs/a.jpeg'), picture), 100);
    assert.deepEqual(await reading, picture);
  }
});

test('one that stays half written for a while is a wait, and says that it is being written', async (t) => {
  const { media, put } = await mounted(t);
  await put('thumbs/a.jpeg', picture.subarray(0, 20_000));
  await assert.rejects(
    media.read('/data/thumbs/a.jpeg', signal),
    refusal(TransientError, 'LibraryUnreadable', /being written/),
  );
});

test('one that was left half written long ago goes to its decoder, and an empty one is none', async (t) => {
  const { media, put, root } = await mounted(t);
  const longAgo = async () => await utimes(join(root, 'thumbs/a.jpeg'), new Date(0), new Date(0));
  await put('thumbs/a.jpeg', picture.subarray(0, 20_000));
  await longAgo();
  assert.deepEqual(await media.read('/data/thumbs/a.jpeg', signal), picture.subarray(0, 20_000));
  await put('thumbs/a.jpeg', Buffer.alloc(0));
  await longAgo();
  assert.equal(await media.read('/data/thumbs/a.jpeg', signal), undefined);
});

test('a WebP that ends before its own length is torn', async (t) => {
  const { media, put } = await mounted(t);
  const webp = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP'), Buffer.alloc(1_000)]);
  webp.writeUInt32LE(webp.length - 8, 4);
  await put('thumbs/a.webp', webp);
  assert.deepEqual(await media.read('/data/thumbs/a.webp', signal), webp);
  await put('thumbs/a.webp', webp.subarray(0, 500));
  await assert.rejects(media.read('/data/thumbs/a.webp', signal), /being written/);
});

test('what is no file, and a file far beyond any preview, ends at once', async (t) => {
  const { media, put, root } = await mounted(t);
  await mkdir(join(root, 'thumbs/folder.jpeg'));
  execFileSync('mkfifo', [join(root, 'thumbs/pipe.jpeg')]);
  await put('thumbs/large.jpeg');
  await truncate(join(root, 'thumbs/large.jpeg'), 200 * 1024 * 1024);
  await assert.rejects(media.read('/data/thumbs/folder.jpeg', signal), /cannot be read/);
  await assert.rejects(media.read('/data/thumbs/pipe.jpeg', signal), /cannot be read/);
  await assert.rejects(media.read('/data/thumbs/large.jpeg', signal), /far smaller/);
});
