import { rename, rm } from 'node:fs/promises';
import { createFolder } from '../../adapters/folder/folder.ts';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { createMemoryFolder } from '../support/memory-folder.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { folderSuite } from './folder.suite.ts';

folderSuite('folder on disk', async (t) => {
  const { root, at, write } = await tempFolder(t);
  return {
    folder: createFolder({ root, ignored: createIgnored({ root }) }),
    write,
    remove: (path) => rm(at(path)),
    takeAway: () => rename(root, `${root}-away`),
  };
});

folderSuite('folder in memory', async () => {
  const folder = createMemoryFolder();
  return {
    folder,
    write: async (path) => folder.put(path),
    remove: async (path) => folder.remove(path),
    takeAway: async () => folder.setPresent(false),
  };
});
