/** Ids and keyword attributes end at 255 characters in Temporal's Postgres schema; 200 leaves room for the library's name. */
const longestReadablePath = 200;
const keptTail = 120;

/**
 * A path's bytes as text a person can read: UTF-8 where it is valid, each stray byte as `\xNN`, control characters
 * escaped the same way (a newline in a file name must not break a log line or a table).
 */
export function showPath(raw: Uint8Array): string {
  let text = '';
  for (let at = 0; at < raw.length;) {
    const length = sequenceLength(raw, at);
    if (length === 0) {
      text += escapeByte(raw[at] ?? 0);
      at += 1;
    } else {
      text += decodeUtf8(raw.subarray(at, at + length)) ?? [...raw.subarray(at, at + length)].map(escapeByte).join('');
      at += length;
    }
  }
  return text;
}

/** True where `showPath` can be turned back into the same bytes: valid UTF-8 without control characters. */
export const isPlainPath = (raw: Uint8Array): boolean => {
  const text = decodeUtf8(raw);
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text !== undefined && !/[\u0000-\u001f\u007f]/.test(text);
};

/** The bytes behind a shown path, where the text alone tells; undefined where it may hold escaped bytes (ask the database). */
export const rawPathOf = (shown: string): Uint8Array | undefined =>
  shown.includes('\\x') ? undefined : new TextEncoder().encode(shown);

/**
 * The workflow id of one photo, from its business key, so that starting it twice is harmless.
 * `sha256` returns 64 hex digits; it enters as an argument because domain imports nothing.
 */
export function assetWorkflowId(library: string, raw: Uint8Array, sha256: (bytes: Uint8Array) => string): string {
  const shown = showPath(raw);
  if (isPlainPath(raw) && shown.length <= longestReadablePath) return `asset/${library}/${shown}`;
  return `asset/${library}/…${shown.slice(-keptTail)}~${sha256(raw).slice(0, 16)}`;
}

const photoExtensions = new Set('jpg jpeg jpe jfif png webp tif tiff avif gif heic heif hif'.split(' '));

/** Photo and video formats that people keep beside their photos and that are not handled yet: counted, not failed. */
const notYet = new Set(
  (
    'raw dng cr2 cr3 nef nrw arw srf sr2 orf rw2 raf pef srw x3f 3fr fff iiq rwl erf kdc mrw dcr mef mos ' +
    'jxl jp2 j2k bmp psd psb svg ico tga ppm pgm pbm pnm exr hdr jxr insp ' +
    'mp4 mov m4v avi mkv webm mts m2ts 3gp mpg mpeg wmv flv insv'
  ).split(' '),
);

/** What a file name promises: a photo, a format that is not supported yet, or something that is no picture at all. */
export function classifyName(name: string): 'photo' | 'unsupported' | 'other' {
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return 'other';
  const extension = name.slice(dot + 1).toLowerCase();
  if (photoExtensions.has(extension)) return 'photo';
  return notYet.has(extension) ? 'unsupported' : 'other';
}

const escapeByte = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;

function decodeUtf8(raw: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return undefined;
  }
}

/** Length of the UTF-8 sequence that starts at `at`, or 0 where none does or where it is a control character. */
function sequenceLength(raw: Uint8Array, at: number): number {
  const byte = raw[at] ?? 0;
  if (byte < 0x20 || byte === 0x7f) return 0;
  if (byte < 0x80) return 1;
  const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0;
  return wanted > 0 && at + wanted <= raw.length && decodeUtf8(raw.subarray(at, at + wanted)) !== undefined
    ? wanted
    : 0;
}
