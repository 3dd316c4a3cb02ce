import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isDomainError } from '../../domain/errors.ts';
import { showPath } from '../../domain/paths.ts';
import type { Folder } from '../../domain/ports.ts';

/** What a test needs to do to the folder behind the port. */
export interface FolderHarness {
  readonly folder: Folder;
  readonly write: (path: string | Buffer) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  /** As when a drive is pulled out. */
  readonly takeAway: () => Promise<void>;
}

const bytes = (path: string) => Buffer.from(path);

export async function allPaths(folder: Folder, limit: number): Promise<readonly string[]> {
  const paths: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await folder.page({ cursor, limit });
    assert.ok(page.files.length <= limit);
    paths.push(...page.files.map(({ rawPath }) => showPath(rawPath)));
    cursor = page.next;
  } while (cursor !== undefined);
  return paths;
}

export function folderSuite(name: string, make: (t: TestContext) => Promise<FolderHarness>): void {
  test(`${name}: lists photos folder by folder, by bytes, whatever the page size`, async (t) => {
    const { folder, write } = await make(t);
    for (const path of ['b.jpg', 'a/z.jpg', 'a.jpg', 'a/b/c.png', 'B.jpg', 'a b/x.gif', 'é.jpg']) await write(path);
    const expected = ['B.jpg', 'a/b/c.png', 'a/z.jpg', 'a b/x.gif', 'a.jpg', 'b.jpg', 'é.jpg'];
    for (const limit of [1, 2, 3, 100]) assert.deepEqual(await allPaths(folder, limit), expected);
  });

  test(`${name}: lists formats that are not supported yet, and neither other nor hidden files`, async (t) => {
    const { folder, write } = await make(t);
    for (const path of ['a.CR2', 'b.HEIC', 'c.txt', 'noextension', '.hidden.jpg', '.trash/d.jpg']) await write(path);
    const { files, next, problems } = await folder.page({ cursor: undefined, limit: 10 });
    assert.deepEqual(
      files.map(({ rawPath, kind }) => [showPath(rawPath), kind]),
      [
        ['a.CR2', 'unsupported'],
        ['b.HEIC', 'photo'],
      ],
    );
    assert.equal(next, undefined);
    assert.deepEqual(problems, []);
  });

  test(`${name}: a cursor stays right while files come and go`, async (t) => {
    const { folder, write, remove } = await make(t);
    for (const path of ['a/1.jpg', 'a/2.jpg', 'b/1.jpg', 'c.jpg']) await write(path);
    const first = await folder.page({ cursor: undefined, limit: 2 });
    await remove('a/2.jpg');
    await write('a/0.jpg');
    await write('a/3.jpg');
    const second = await folder.page({ cursor: first.next, limit: 10 });
    assert.deepEqual(
      second.files.map(({ rawPath }) => showPath(rawPath)),
      ['a/3.jpg', 'b/1.jpg', 'c.jpg'],
    );
  });

  test(`${name}: keeps the bytes of names that are not UTF-8`, async (t) => {
    const { folder, write } = await make(t);
    const rawPath = Buffer.concat([bytes('d/caf'), Buffer.from([0xe9]), bytes('.jpg')]);
    await write(rawPath);
    const { files } = await folder.page({ cursor: undefined, limit: 10 });
    assert.deepEqual(Buffer.from(files[0]?.rawPath ?? []), rawPath);
    assert.deepEqual(await folder.stat(rawPath), files[0]?.stat);
    assert.ok((await folder.resolve(rawPath)).includes(rawPath));
  });

  test(`${name}: knows nothing of what is absent or a folder`, async (t) => {
    const { folder, write } = await make(t);
    await write('a/1.jpg');
    assert.equal((await folder.stat(bytes('a/1.jpg')))?.size, 7);
    assert.equal(await folder.stat(bytes('a')), undefined);
    assert.equal(await folder.stat(bytes('a/2.jpg')), undefined);
    assert.equal(await folder.stat(bytes('a/1.jpg/x.jpg')), undefined);
  });

  test(`${name}: refuses paths that lead out by their names`, async (t) => {
    const { folder, write } = await make(t);
    await write('a/1.jpg');
    for (const path of ['../a.jpg', 'a/../../b.jpg', '/etc/passwd', 'a//1.jpg', '', 'a/./1.jpg'])
      await assert.rejects(folder.resolve(bytes(path)), { code: 'OutsideLibrary' }, path);
  });

  test(`${name}: says that the library is away instead of calling files gone`, async (t) => {
    const { folder, write, takeAway } = await make(t);
    await write('a/1.jpg');
    await takeAway();
    const isAway = (error: unknown) => isDomainError(error) && error.code === 'LibraryUnreadable';
    await assert.rejects(folder.stat(bytes('a/1.jpg')), isAway);
    await assert.rejects(folder.page({ cursor: undefined, limit: 1 }), isAway);
  });

  test(`${name}: a page ends when its signal says so`, async (t) => {
    const { folder, write } = await make(t);
    await write('a/1.jpg');
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(folder.page({ cursor: undefined, limit: 1, signal }), { message: 'enough' });
  });
}
