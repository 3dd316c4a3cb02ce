import { existsSync } from 'node:fs';
import type { CaptureFacts } from '../../domain/asset.ts';
import { isDomainError } from '../../domain/errors.ts';
import { captureFacts } from './capture.ts';
import { readExifBlock } from './exif-block.ts';
import type { SharedExiftool } from './exiftool.ts';
import { untilAborted } from './until-aborted.ts';

interface CaptureSource {
  /** An open descriptor of the file. */
  readonly fd: number;
  readonly path: Buffer;
  /** The EXIF block that the picture decoder met, if any. */
  readonly exifBlock: Buffer | undefined;
}

export interface CaptureReader {
  /** Never fails for the file's sake: what cannot be read is left out. Rejects only with the signal's reason, or where exiftool is closed. */
  read(source: CaptureSource, signal: AbortSignal): Promise<CaptureFacts>;
}

/** Asks exiftool; where it cannot be used, reads the EXIF block itself and says so once through `log`. */
export function createCaptureReader(exiftool: SharedExiftool, log: (message: string) => void): CaptureReader {
  const said = new Set<string>();
  const sayOnce = (kind: string, message: string) => {
    if (said.has(kind)) return;
    said.add(kind);
    log(message);
  };
  return {
    async read(source, signal) {
      if (exiftool.usable()) {
        try {
          return captureFacts(await untilAborted(exiftool.read(nameFor(source)), signal));
        } catch (error) {
          signal.throwIfAborted();
          if (isDomainError(error)) throw error;
          if (exiftool.usable()) sayOnce('file', failedForOne(error));
          else sayOnce('start', cannotStart(error));
        }
      }
      return captureFacts(source.exifBlock === undefined ? {} : readExifBlock(source.exifBlock));
    },
  };
}

/**
 * Through /proc exiftool opens the very file that we hold open, whatever lies at its path by now, and a name that is no
 * UTF-8 is no matter. The descriptor is taken by our pid: `self` would be exiftool.
 */
const nameFor = ({ fd, path }: CaptureSource): string =>
  existsSync('/proc/self/fd') ? `/proc/${process.pid}/fd/${fd}` : path.toString();

const instead =
  'Dates, cameras and places are read by a small reader of our own instead, which knows no XMP, no keywords and no captions.';
const cannotStart = (error: unknown) =>
  `exiftool cannot be started (${String(error)}). Is perl installed? ${instead} Another try follows in 10 minutes.`;
const failedForOne = (error: unknown) => `exiftool failed for a photo (${String(error)}). ${instead}`;
