import sharp from 'sharp';

/** What can be said of a picture by counting its pixels. */
export interface PictureMeasures {
  readonly width: number;
  readonly height: number;
  /** The commonest colours in words, with their share of the picture in percent, most common first. */
  readonly colours: ReadonlyArray<{ readonly name: string; readonly percent: number }>;
  /** Mean lightness of the whole and of its halves, 0 to 1. */
  readonly light: {
    readonly all: number;
    readonly top: number;
    readonly bottom: number;
    readonly left: number;
    readonly right: number;
  };
  /** Mean step in lightness between neighbours at 96 pixels of width, 0 to 1. */
  readonly edges: number;
}

const side = 96;

/** Decodes a picture and measures it. Rejects where it is none. */
export async function measurePicture(picture: Buffer): Promise<PictureMeasures> {
  const image = sharp(picture, { failOn: 'error' });
  const { width, height } = await image.metadata();
  const pixels = await image.resize(side, side, { fit: 'fill' }).removeAlpha().toColourspace('srgb').raw().toBuffer();
  const counts = new Map<string, number>();
  const lightness: number[] = [];
  for (let at = 0; at + 2 < pixels.length; at += 3) {
    const [r = 0, g = 0, b = 0] = pixels.subarray(at, at + 3);
    const name = colourName(r, g, b);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    lightness.push((0.299 * r + 0.587 * g + 0.114 * b) / 255);
  }
  const colours = [...counts]
    .map(([name, count]) => ({ name, percent: Math.round((100 * count) / lightness.length) }))
    .sort((a, b) => b.percent - a.percent);
  return { width, height, colours, light: lightOf(lightness), edges: edgesOf(lightness) };
}

/** A few plain sentences; the same picture always gets the same ones. */
export function wordsFor({ width, height, colours, light, edges }: PictureMeasures): string {
  const format = width > height ? 'wide' : width < height ? 'tall' : 'square';
  const [first, ...others] = colours.filter(({ percent }, index) => index === 0 || percent >= 8);
  const rest = others.slice(0, 2).map(({ name }) => name);
  const also = rest.length === 0 ? '' : `, with some ${rest.join(' and ')}`;
  const brightness =
    light.all > 0.75 ? 'very bright' : light.all > 0.5 ? 'bright' : light.all > 0.25 ? 'rather dark' : 'dark';
  const business = edges > 0.06 ? 'It is busy, with many edges.' : edges > 0.02 ? 'It has a few edges.' : 'It is calm.';
  return [
    `A ${format} picture of ${width} × ${height} pixels, mostly ${first?.name ?? 'empty'} (${first?.percent ?? 0} %)${also}.`,
    `It is ${brightness}${contrast(light)}.`,
    business,
  ].join(' ');
}

function contrast({ top, bottom, left, right }: PictureMeasures['light']): string {
  const vertical = top - bottom;
  const horizontal = left - right;
  if (Math.max(Math.abs(vertical), Math.abs(horizontal)) < 0.06) return ', evenly lit';
  return Math.abs(vertical) >= Math.abs(horizontal)
    ? `, lighter in its ${vertical > 0 ? 'upper' : 'lower'} half`
    : `, lighter in its ${horizontal > 0 ? 'left' : 'right'} half`;
}

function lightOf(lightness: readonly number[]): PictureMeasures['light'] {
  const mean = (wanted: (x: number, y: number) => boolean) => {
    const part = lightness.filter((_light, at) => wanted(at % side, Math.floor(at / side)));
    return part.reduce((sum, light) => sum + light, 0) / Math.max(1, part.length);
  };
  const half = side / 2;
  return {
    all: mean(() => true),
    top: mean((_x, y) => y < half),
    bottom: mean((_x, y) => y >= half),
    left: mean((x) => x < half),
    right: mean((x) => x >= half),
  };
}

function edgesOf(lightness: readonly number[]): number {
  const steps = lightness.map((light, at) => {
    const right = at % side < side - 1 ? lightness[at + 1] : light;
    const below = lightness[at + side] ?? light;
    return Math.abs(light - (right ?? light)) + Math.abs(light - below);
  });
  return steps.reduce((sum, step) => sum + step, 0) / Math.max(1, 2 * steps.length);
}

/** Upper ends of the hues, in degrees. */
const hues = [
  [15, 'red'],
  [40, 'orange'],
  [70, 'yellow'],
  [160, 'green'],
  [195, 'turquoise'],
  [255, 'blue'],
  [290, 'purple'],
  [345, 'pink'],
  [360, 'red'],
] as const;

function colourName(r: number, g: number, b: number): string {
  const most = Math.max(r, g, b);
  const range = most - Math.min(r, g, b);
  if (most < 40) return 'black';
  if (range < 0.15 * most) return most > 215 ? 'white' : 'grey';
  const turn = most === r ? ((g - b) / range + 6) % 6 : most === g ? (b - r) / range + 2 : (r - g) / range + 4;
  const hue = turn * 60;
  if (hue >= 15 && hue < 50 && most < 160) return 'brown';
  return hues.find(([end]) => hue <= end)?.[1] ?? 'red';
}
