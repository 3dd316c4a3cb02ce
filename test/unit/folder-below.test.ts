import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { openFolder } from '../../adapters/folder/open-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const names = ['a/1.jpg', 'b/1.jpg', 'b/2.jpg', 'b/in/3.jpg', 'b/z.jpg', 'b-1/4.jpg', 'b.jpg', 'c/5.jpg', 'ä/b/6.jpg'];

test('a walk of one folder has what is in it and below it, and nothing else, whatever the size of the pages', async (t) => {
  const root = await temporaryFolder(t);
  for (const name of names) {
    await mkdir(path.join(root, path.dirname(name)), { recursive: true });
    await writeFile(path.join(root, name), 'x');
  }
  const { folder } = await openFolder(root);
  const walk = async (below: string, limit: number) => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await folder.page({ cursor, limit, below: Buffer.from(below) });
      seen.push(...page.files.map(({ rawPath }) => Buffer.from(rawPath).toString()));
      cursor = page.next;
    } while (cursor !== undefined);
    return seen;
  };
  for (const limit of [1, 2, 3, 100]) {
    assert.deepEqual(await walk('b', limit), ['b/1.jpg', 'b/2.jpg', 'b/in/3.jpg', 'b/z.jpg']);
    assert.deepEqual(await walk('b/in', limit), ['b/in/3.jpg']);
    assert.deepEqual(await walk('ä/b', limit), ['ä/b/6.jpg']);
    assert.deepEqual(await walk('no', limit), []);
    assert.equal((await walk('', limit)).length, 9);
  }
});
