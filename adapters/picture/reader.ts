import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { sameFile } from '../../domain/asset.ts';
import type { PictureReader, PictureReading } from '../../domain/ports.ts';
import { answered } from '../folder/fs-calls.ts';
import { toFileStat } from '../folder/file-stat.ts';
import { type CaptureReader, createCaptureReader } from './exif.ts';
import { createExiftool, type ExiftoolOptions } from './exiftool.ts';
import { closing, type DecoderLimits, emptyFile, tooLarge } from './faults.ts';
import { createHeicDecoder, type HeicDecoder } from './heic.ts';
import { openPhoto, readWhole, statOpen, stillThere, unchanged } from './open-photo.ts';
import { measure, type Measured, prepareSharp, render } from './render.ts';
import { uncompressedTiff } from './uncompressed-tiff.ts';
import { untilAborted } from './until-aborted.ts';

export interface PictureOptions {
  /** Said once each, in words for a person: that exiftool cannot be used. */
  readonly log: (message: string) => void;
  /** Larger files are refused; a file is held in memory while it is read. 512 MB. */
  readonly maxBytes?: number;
  /** Larger pictures are refused: DARKROOM_MAX_MEGAPIXELS × 1,000,000. */
  readonly maxPixels?: number;
  /** Longest time for decoding one picture, in milliseconds. */
  readonly timeoutMs?: number;
  /** HEIC pictures decoded at the same time. */
  readonly heicAtOnce?: number;
  readonly exiftool?: ExiftoolOptions;
}

export interface ClosablePictureReader extends PictureReader {
  /** Ends exiftool and the HEIC decoders; calls in flight that need them reject, later ones too. */
  close(): Promise<void>;
}

interface Parts extends DecoderLimits {
  readonly maxBytes: number;
  readonly capture: CaptureReader;
  readonly heic: HeicDecoder;
}

type ReadInput = Parameters<PictureReader['read']>[0];

/** Reads pictures from files. Nothing runs until the first one; `close` leaves nothing running. */
export function createPictureReader(options: PictureOptions): ClosablePictureReader {
  const { log, maxBytes = 536_870_912, maxPixels = 268_402_689, timeoutMs = 60_000, heicAtOnce = 2 } = options;
  prepareSharp();
  const exiftool = createExiftool(options.exiftool);
  const heic = createHeicDecoder({ mostPixels: maxPixels, timeoutMs, atOnce: heicAtOnce });
  const parts = { maxBytes, maxPixels, timeoutMs, heic, capture: createCaptureReader(exiftool, log) };
  let closed = false;
  return {
    async read(input) {
      input.signal.throwIfAborted();
      if (closed) throw closing();
      const handle = await openPhoto(input.path, input.signal);
      if (handle === undefined) return { kind: 'gone' };
      try {
        return await readOpen(parts, input, handle);
      } finally {
        // Not waited for without limit: a share that is gone holds a close as it holds a read.
        await answered(handle.close(), input.signal).catch(() => undefined);
      }
    },
    async readBytes({ bytes, longSide, signal }) {
      signal.throwIfAborted();
      if (closed) throw closing();
      if (bytes.length === 0) throw emptyFile();
      if (bytes.length > maxBytes) throw tooLarge(bytes.length, maxBytes);
      const { measured, rendition } = await rendered(parts, { bytes, longSide, signal });
      const { kind, width, height } = measured;
      const hash = createHash('sha256').update(bytes).digest('hex');
      const content = { hash, bytes: bytes.length, kind, width, height, capture: {} };
      return { kind: 'read', content, rendition };
    },
    async close() {
      closed = true;
      await Promise.all([exiftool.close(), heic.close()]);
    },
  };
}

async function readOpen(parts: Parts, input: ReadInput, handle: FileHandle): Promise<PictureReading> {
  const { path, expected, signal } = input;
  const before = await statOpen(handle, signal);
  if (!before.isFile()) return { kind: 'gone' };
  if (!sameFile(toFileStat(before), expected)) return { kind: 'torn' };
  if (expected.size === 0) throw emptyFile();
  if (expected.size > parts.maxBytes) throw tooLarge(expected.size, parts.maxBytes);
  const whole = await readWhole(handle, expected.size, signal);
  if (whole === undefined || !unchanged(before, await statOpen(handle, signal))) return { kind: 'torn' };
  // What the decoder says counts only if the file is still the one at this path: a file that was replaced is not damaged.
  const [decoded] = await Promise.allSettled([decode(parts, input, handle, whole.bytes)]);
  if (!(await stillThere(path, before, signal))) return { kind: 'torn' };
  if (decoded.status === 'rejected') throw decoded.reason;
  const { measured, ...rest } = decoded.value;
  const { kind, width, height } = measured;
  const content = { hash: whole.hash, bytes: expected.size, kind, width, height, capture: rest.capture };
  return { kind: 'read', content, rendition: rest.rendition };
}

async function decode(parts: Parts, { path, longSide, signal }: ReadInput, handle: FileHandle, bytes: Buffer) {
  const measured = await untilAborted(measure(bytes, parts), signal);
  const source = { fd: handle.fd, path, exifBlock: measured.exif };
  // Side by side: exiftool has a process of its own. Both are waited for, as it reads through our descriptor.
  const [picture, capture] = await Promise.allSettled([
    renderMeasured(parts, { bytes, longSide, signal, measured }),
    measured.hasTags ? parts.capture.read(source, signal) : {},
  ]);
  if (picture.status === 'rejected') throw picture.reason;
  if (capture.status === 'rejected') throw capture.reason;
  return { ...picture.value, capture: capture.value };
}

interface Rendering {
  readonly bytes: Buffer;
  readonly longSide: number;
  readonly signal: AbortSignal;
  readonly measured: Measured;
}

async function rendered(parts: Parts, input: Omit<Rendering, 'measured'>) {
  const measured = await untilAborted(measure(input.bytes, parts), input.signal);
  return await renderMeasured(parts, { ...input, measured });
}

async function renderMeasured(parts: Parts, input: Rendering) {
  const { bytes, longSide, signal, measured } = input;
  if (measured.kind === 'heic') return await renderHeic(parts, input);
  const rendition = await untilAborted(render({ bytes, kind: measured.kind, longSide }, parts), signal);
  return { rendition, measured };
}

async function renderHeic(parts: Parts, { measured, longSide, signal, bytes }: Rendering) {
  const { fullWidth, fullHeight, ...pixels } = await parts.heic.decode({ bytes, longSide, signal });
  const tiff = uncompressedTiff({ ...pixels, icc: measured.icc });
  const rendition = await untilAborted(render({ bytes: tiff, kind: 'heic', longSide }, parts), signal);
  return { rendition, measured: { ...measured, width: fullWidth, height: fullHeight } };
}
