export interface Plane {
  readonly width: number;
  readonly height: number;
  /** Samples per pixel, 8 bits each, interleaved. */
  readonly channels: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
  readonly data: Uint8Array;
}

/**
 * The picture at 1/factor of its size, each pixel the average of factor × factor. Up to factor - 1 rows and columns at the
 * right and lower edge are left out. The answer has no gaps between its rows.
 */
export function boxShrink({ width, height, channels, stride, data }: Plane, factor: number): Plane {
  const outWidth = Math.max(1, Math.floor(width / factor));
  const outHeight = Math.max(1, Math.floor(height / factor));
  const [stepX, stepY] = [Math.min(factor, width), Math.min(factor, height)];
  const rowLength = outWidth * channels;
  const out = new Uint8Array(rowLength * outHeight);
  const sums = new Uint32Array(rowLength);
  const half = (stepX * stepY) >> 1;
  for (let y = 0; y < outHeight; y += 1) {
    sums.fill(0);
    for (let line = 0; line < stepY; line += 1) {
      addRow(sums, data, (y * stepY + line) * stride, { stepX, channels });
    }
    for (let index = 0; index < rowLength; index += 1) {
      out[y * rowLength + index] = ((sums[index] ?? 0) + half) / (stepX * stepY);
    }
  }
  return { width: outWidth, height: outHeight, channels, stride: rowLength, data: out };
}

/** Adds every `stepX` neighbours of one row to their sum. */
function addRow(
  sums: Uint32Array,
  data: Uint8Array,
  start: number,
  { stepX, channels }: { stepX: number; channels: number },
): void {
  let at = start;
  for (let first = 0; first < sums.length; first += channels) {
    for (let step = 0; step < stepX; step += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        sums[first + channel] = (sums[first + channel] ?? 0) + (data[at] ?? 0);
        at += 1;
      }
    }
  }
}
