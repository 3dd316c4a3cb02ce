import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

/** A body in an encoding that nobody asked for, and that is not known here. */
export class UnknownEncoding extends Error {
  override readonly name = 'UnknownEncoding';
}

const decoders = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

const isKnown = (name: string): name is keyof typeof decoders => Object.hasOwn(decoders, name);

/** Bodies are compressed once; each further time multiplies what a few bytes may become. */
const mostTimes = 2;

/**
 * The body as it was before a proxy compressed it (we ask for none, and some do it all the same). A stream: what is read
 * bounds what is decompressed, so that a small body cannot become a large one in memory. Destroying the result destroys the
 * body. Throws UnknownEncoding.
 */
export function decompressed(body: Readable, contentEncoding: string): Readable {
  const names = contentEncoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  const known = names.filter(isKnown);
  if (known.length < names.length || names.length > mostTimes) throw new UnknownEncoding(names.join(', '));
  // The last one named was applied last. Errors come out of the last stream, so the callback has nothing to do.
  return known.reverse().reduce<Readable>((from, name) => pipeline(from, decoders[name](), () => {}), body);
}
