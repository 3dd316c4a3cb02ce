import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createPictureReader } from '../../adapters/picture/reader.ts';
import { pictureFilesSuite } from './picture-files.suite.ts';
import { makePhoto, writePicture } from '../support/pictures.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { fault, never, pictureReaderSuite } from './picture-reader.suite.ts';

const make = (t: TestContext) => {
  const reader = createPictureReader({ log: () => undefined });
  t.after(() => reader.close());
  return reader;
};

pictureReaderSuite('pictures on disk', make);
pictureFilesSuite('pictures on disk', make);

test('a file over the limit is refused before a byte of it is read', async (t) => {
  const reader = createPictureReader({ log: () => undefined, maxBytes: 1000 });
  t.after(() => reader.close());
  const picture = await writePicture(await temporaryFolder(t), 'a.jpg', await makePhoto({ seed: 1 }));
  await assert.rejects(reader.read({ ...picture, longSide: 64, signal: never }), fault('TooLarge', /MB/));
});
