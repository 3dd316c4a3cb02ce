import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFolder } from '../../adapters/folder/folder.ts';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { allPaths } from '../suites/folder.suite.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('each of 10,000 files in one folder is listed exactly once, page by page', async (t) => {
  const { root } = await tempFolder(t);
  const names = Array.from({ length: 10_000 }, (_, index) => `IMG_${String(index).padStart(5, '0')}.jpg`);
  for (const name of names) closeSync(openSync(join(root, name), 'w'));
  assert.deepEqual(await allPaths(createFolder({ root, ignored: createIgnored({ root }) }), 333), names);
});
