import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFolderMemory, nameFingerprint } from '../../adapters/folder/folder-memory.ts';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { quickScan } from '../../adapters/folder/quick-scan.ts';
import { createTree } from '../../adapters/folder/tree.ts';
import { tempFolder } from '../support/temp-folder.ts';

const folder = { version: '1', inode: 1n, mtimeMs: 1, folders: [], again: false };

test('the memory has room for so many names and folders, and gets it back from what is forgotten', () => {
  const memory = createFolderMemory({ names: 3, folders: 2 });
  assert.ok(memory.set('a', { ...folder, names: Float64Array.of(1, 2) }));
  assert.equal(memory.room, 1);
  assert.ok(memory.set('a', { ...folder, names: Float64Array.of(1, 2, 3) }));
  assert.equal(memory.room, 0);
  assert.ok(memory.set('b', { ...folder, names: undefined }));
  assert.ok(!memory.set('c', { ...folder, names: undefined }));
  memory.keepOnly(new Set(['b']));
  assert.deepEqual([memory.size, memory.room], [1, 3]);
});

test('20,000 names of cameras have 20,000 fingerprints', () => {
  const names = Array.from({ length: 20_000 }, (_, index) => Buffer.from(`IMG_${index}.jpg`));
  const prints = names.map((name) => nameFingerprint(name));
  assert.equal(new Set(prints).size, names.length);
  assert.ok(prints.every((print) => Number.isSafeInteger(print) && print >= 0));
});

test('without room for names, news is told by its time', async (t) => {
  const { root, write } = await tempFolder(t);
  await write('old.jpg');
  const memory = createFolderMemory({ names: 0, folders: 10 });
  const told: string[] = [];
  const tree = createTree({ root, ignored: createIgnored({ root }) });
  const { signal } = new AbortController();
  await quickScan({ tree, memory, tell: undefined, signal });
  await write('new.jpg');
  await quickScan({ tree, memory, tell: async (path) => void told.push(path.toString()), signal });
  assert.ok(told.includes('new.jpg'));
});
