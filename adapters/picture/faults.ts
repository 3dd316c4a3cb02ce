import { PermanentError, TransientError } from '../../domain/errors.ts';

const longestDetail = 200;

/** What a decoder said, fit for a log line. */
const plain = (said: string): string =>
  said
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, longestDetail);

/** So that the photo is read again after the restart, and in full. */
export const closing = () => new TransientError('LibraryUnreadable', 'The picture reader is closing.');

export const emptyFile = () => new PermanentError('EmptyFile', 'The file is empty (0 bytes).');

export const tooLarge = (bytes: number, maxBytes: number) =>
  new PermanentError(
    'TooLarge',
    `The file has ${megabytes(bytes)} MB; pictures of up to ${megabytes(maxBytes)} MB are read.`,
  );

const megabytes = (bytes: number) => Math.ceil(bytes / 1_048_576);

/** `size` in words: `30000 × 30000`. */
export const tooManyPixels = (size: string, maxPixels: number) =>
  new PermanentError(
    'TooManyPixels',
    `The picture is larger (${plain(size)} pixels) than the limit of ${Math.floor(maxPixels / 1e6)} megapixels. ` +
      'Raise DARKROOM_MAX_MEGAPIXELS to have it read.',
  );

export const notAPicture = (detail: string) => new PermanentError('Undecodable', `not a picture: ${plain(detail)}`);

export const cutOff = (detail: string) =>
  new PermanentError('Undecodable', `the file ends too early: ${plain(detail)}. Was it copied in full?`);

export const damaged = (kind: string, detail: string) =>
  new PermanentError('Undecodable', `the ${kind} data is damaged: ${plain(detail)}`);

/** How the decoders behind sharp (libjpeg, libpng, libwebp, libtiff, nsgif, libheif) say that bytes are missing. */
const endsEarly =
  /premature end|unexpected end|end of (file|data|stream)|libpng read error|truncated|unable to parse image|outside of file bounds/i;

/** libheif puts its numbers, `(2.100)`, on a line of their own. */
const lastLine = (message: string): string => message.split('\n').findLast((line) => /[a-z]/i.test(line)) ?? '';

/**
 * What an error of sharp means. Only the last line of its message is about this picture: libvips keeps one list of
 * messages for all threads, and those of earlier pictures come first.
 */
export function decoderFault(error: unknown, kind: string, { maxPixels, timeoutMs }: DecoderLimits): unknown {
  if (!(error instanceof Error)) return error;
  const said = lastLine(error.message);
  if (/exceeds pixel limit|maximum image size/i.test(said)) return tooManyPixels('', maxPixels);
  if (/^timeout/i.test(said)) {
    return new PermanentError('DecoderTimedOut', `The ${kind} decoder did not finish in ${timeoutMs / 1000} s.`);
  }
  if (/out of memory|unable to allocate|malloc/i.test(said)) {
    const message = `There is not enough memory for this picture (${plain(said)}). Lower DARKROOM_MAX_MEGAPIXELS or add memory.`;
    return new PermanentError('TooManyPixels', message, { cause: error });
  }
  return endsEarly.test(said) ? cutOff(said) : damaged(kind, said);
}

export interface DecoderLimits {
  readonly maxPixels: number;
  readonly timeoutMs: number;
}
