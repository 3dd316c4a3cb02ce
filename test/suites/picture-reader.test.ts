import type { TestContext } from 'node:test';
import { createPictureReader } from '../../adapters/picture/reader.ts';
import { pictureFilesSuite } from './picture-files.suite.ts';
import { pictureReaderSuite } from './picture-reader.suite.ts';

const make = (t: TestContext) => {
  const reader = createPictureReader({ log: () => undefined });
  t.after(() => reader.close());
  return reader;
};

pictureReaderSuite('pictures on disk', make);
pictureFilesSuite('pictures on disk', make);
