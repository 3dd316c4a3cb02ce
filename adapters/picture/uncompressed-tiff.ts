export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 3 for RGB, 4 for RGB and alpha; 8 bits each. */
  readonly channels: number;
  readonly data: Buffer;
  /** The ICC profile that gives the numbers their colours. */
  readonly icc: Buffer | undefined;
}

const short = 3;
const long = 4;
const undefinedBytes = 7;

/** Bare pixels in the simplest container that carries a colour profile: sharp takes none beside raw pixels. */
export function uncompressedTiff({ width, height, channels, data, icc }: Pixels): Buffer {
  const tags = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, channels, 0],
    [259, short, 1, 1],
    [262, short, 1, 2],
    [273, long, 1, 0],
    [277, short, 1, channels],
    [278, long, 1, height],
    [279, long, 1, data.length],
    [284, short, 1, 1],
    ...(channels === 4 ? [[338, short, 1, 2]] : []),
    ...(icc === undefined ? [] : [[34675, undefinedBytes, icc.length, 0]]),
  ];
  const bitsAt = 8 + 2 + tags.length * 12 + 4;
  const iccAt = bitsAt + channels * 2;
  const pixelsAt = iccAt + (icc?.length ?? 0);
  const offsets = new Map([
    [258, bitsAt],
    [273, pixelsAt],
    [34675, iccAt],
  ]);
  const head = Buffer.alloc(iccAt);
  head.write('II*\0', 0, 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(tags.length, 8);
  for (const [index, [tag = 0, type = 0, count = 0, value = 0]] of tags.entries()) {
    const at = 10 + index * 12;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(count, at + 4);
    head.writeUInt32LE(offsets.get(tag) ?? value, at + 8);
  }
  for (let channel = 0; channel < channels; channel += 1) head.writeUInt16LE(8, bitsAt + channel * 2);
  return Buffer.concat([head, ...(icc === undefined ? [] : [icc]), data]);
}
