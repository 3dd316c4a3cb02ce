import type { RawCapture } from './capture.ts';

/**
 * Reads the six tags that we need from a raw EXIF block (a small TIFF), for when exiftool cannot be used. It reads three
 * directories at most, never follows a chain, and checks every offset: whatever the bytes are, it ends and does not throw.
 */
export function readExifBlock(block: Uint8Array): RawCapture {
  // The block of a JPEG or HEIC begins with `Exif\0\0`; that of a PNG or WebP begins at once.
  const start = latin1(block, 0, 4) === 'Exif' ? 6 : 0;
  const order = latin1(block, start, 2);
  if (order !== 'II' && order !== 'MM') return {};
  const tiff: Tiff = { view: viewOf(block.subarray(start)), little: order === 'II' };
  const main = directory(tiff, u32(tiff, 4));
  const exif = directory(tiff, pointer(tiff, main, 0x8769));
  const gps = directory(tiff, pointer(tiff, main, 0x8825));
  return {
    dateTimeOriginal: text(tiff, exif.get(0x9003)),
    createDate: text(tiff, exif.get(0x9004)),
    make: text(tiff, main.get(0x010f)),
    model: text(tiff, main.get(0x0110)),
    latitude: degrees(tiff, gps.get(2), text(tiff, gps.get(1)), 'NS'),
    longitude: degrees(tiff, gps.get(4), text(tiff, gps.get(3)), 'EW'),
  };
}

interface Tiff {
  readonly view: DataView;
  readonly little: boolean;
}

interface Entry {
  readonly type: number;
  readonly count: number;
  /** Where its values are: in the entry itself where they fit into four bytes. */
  readonly at: number;
}

const mostEntries = 256;
const longestText = 256;
/** Bytes of one value, by TIFF type: byte, text, short, long, rational; others are not needed. */
const sizes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 129: 1 };

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const has = ({ view }: Tiff, at: number, length: number) => at >= 0 && at + length <= view.byteLength;
const u16 = (tiff: Tiff, at: number): number => (has(tiff, at, 2) ? tiff.view.getUint16(at, tiff.little) : 0);
const u32 = (tiff: Tiff, at: number): number => (has(tiff, at, 4) ? tiff.view.getUint32(at, tiff.little) : 0);

const latin1 = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/** The entries of the directory at `at`, by tag; empty for 0, which means that there is none. */
function directory(tiff: Tiff, at: number): ReadonlyMap<number, Entry> {
  const entries = new Map<number, Entry>();
  if (at === 0) return entries;
  const count = Math.min(u16(tiff, at), mostEntries);
  for (let index = 0; index < count; index += 1) {
    const entry = at + 2 + index * 12;
    if (!has(tiff, entry, 12)) break;
    const type = u16(tiff, entry + 2);
    const length = u32(tiff, entry + 4);
    const inside = (sizes[type] ?? Infinity) * length <= 4;
    entries.set(u16(tiff, entry), { type, count: length, at: inside ? entry + 8 : u32(tiff, entry + 8) });
  }
  return entries;
}

const pointer = (tiff: Tiff, entries: ReadonlyMap<number, Entry>, tag: number): number => {
  const entry = entries.get(tag);
  return entry === undefined || entry.count !== 1 ? 0 : u32(tiff, entry.at);
};

/** Text up to its first NUL; type 129 is the UTF-8 of EXIF 3. */
function text(tiff: Tiff, entry: Entry | undefined): string | undefined {
  if (entry === undefined || (entry.type !== 2 && entry.type !== 129)) return undefined;
  const length = Math.min(entry.count, longestText);
  if (!has(tiff, entry.at, length)) return undefined;
  const bytes = new Uint8Array(tiff.view.buffer, tiff.view.byteOffset + entry.at, length);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Degrees, minutes and seconds as three fractions, with the letter of the hemisphere; without the letter it is no place. */
function degrees(
  tiff: Tiff,
  entry: Entry | undefined,
  letter: string | undefined,
  letters: string,
): number | undefined {
  const side = letters.indexOf((letter ?? '').trim().toUpperCase().charAt(0) || '?');
  if (entry === undefined || entry.type !== 5 || entry.count !== 3 || side < 0) return undefined;
  if (!has(tiff, entry.at, 24)) return undefined;
  const [whole, minutes, seconds] = [0, 8, 16].map((step) => fraction(tiff, entry.at + step));
  const value = (whole ?? NaN) + (minutes ?? NaN) / 60 + (seconds ?? NaN) / 3600;
  return Number.isFinite(value) ? (side === 0 ? value : -value) : undefined;
}

/** 0/0 is how cameras write a part that they do not know. */
function fraction(tiff: Tiff, at: number): number {
  const [above, below] = [u32(tiff, at), u32(tiff, at + 4)];
  return above === 0 ? 0 : above / below;
}
