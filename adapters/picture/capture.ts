import type { CaptureFacts } from '../../domain/asset.ts';
import { firstCharacters, oneLine } from '../../domain/one-line.ts';

/** What a file says of its making, as it says it. Degrees with a sign; dates as EXIF writes them, `2024:05:31 18:04:00`. */
export interface RawCapture {
  readonly dateTimeOriginal?: string | undefined;
  readonly createDate?: string | undefined;
  readonly make?: string | undefined;
  readonly model?: string | undefined;
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
  readonly keywords?: readonly string[] | undefined;
  /** Of all fields that may hold one, the best first. */
  readonly captions?: readonly string[] | undefined;
}

const longestCamera = 80;
const longestKeyword = 60;
const mostKeywords = 50;
const longestCaption = 2_000;

/** Raw values made safe to store and to show: dates that exist, one line for the camera, a place that is one, words of people. */
export function captureFacts(raw: RawCapture): CaptureFacts {
  const takenAt = localTime(raw.dateTimeOriginal) ?? localTime(raw.createDate);
  const camera = cameraName(raw.make, raw.model);
  const place = coordinates(raw.latitude, raw.longitude);
  const keywords = keywordList(raw.keywords ?? []);
  const caption = raw.captions?.map(captionText).find((text) => text !== '' && !isJunk(text));
  return {
    ...(takenAt === undefined ? {} : { takenAt }),
    ...(camera === undefined ? {} : { camera }),
    ...place,
    ...(keywords.length === 0 ? {} : { keywords }),
    ...(caption === undefined ? {} : { caption }),
  };
}

/** Seconds may be missing, a fraction or a zone may follow: both are dropped, the camera's clock is what people remember. */
const dateAndTime = /^\s*(\d{4})[:\-/.](\d{2})[:\-/.](\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?/;

/** `2024-05-31T18:04:00`, or undefined where it is no date: cameras with a flat battery write `0000:00:00 00:00:00`. */
export function localTime(text: string | undefined): string | undefined {
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '00'] = dateAndTime.exec(text ?? '') ?? [];
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const parsed = new Date(`${written}Z`);
  // A day that does not exist (February 30) is either refused or moved to another day.
  if (Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 19) !== written) return undefined;
  return Number(year) < 1800 ? undefined : written;
}

/** Make and model on one line; the make is left out where the model repeats it (`Canon` + `Canon EOS R6`). */
export function cameraName(make: string | undefined, model: string | undefined): string | undefined {
  const maker = oneLine(make ?? '').replace(
    /[ ,]+(corporation|corp\.?|company|co\.,? ?ltd\.?|inc\.?|imaging corp\.?)$/i,
    '',
  );
  const product = oneLine(model ?? '');
  const doubled = firstWord(product) === firstWord(maker);
  const name = firstCharacters((doubled ? product : `${maker} ${product}`).trim(), longestCamera);
  return name === '' ? undefined : name;
}

const firstWord = (text: string): string => (text.split(' ')[0] ?? '').toLowerCase();

/** Each once, however it is spelled in capitals: the same words stand in IPTC and in XMP. */
function keywordList(raw: readonly string[]): string[] {
  const words = new Map<string, string>();
  for (const item of raw) {
    const word = firstCharacters(oneLine(item), longestKeyword);
    if (word !== '' && !words.has(word.toLowerCase())) words.set(word.toLowerCase(), word);
    if (words.size === mostKeywords) break;
  }
  return [...words.values()];
}

/** Line by line, so that paragraphs stay. */
function captionText(raw: string): string {
  const lines = raw.slice(0, longestCaption * 2).split(/\r\n?|\n/);
  const text = lines
    .map(oneLine)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
  return firstCharacters(text.trim(), longestCaption);
}

/** What cameras and programs write where a person could: their own name, the name of the file, the mode of a phone. */
const junk = [
  /^[\w .-]*\bdigital (still )?camera\b[\w .-]*$/i,
  /^(sony dsc|samsung( camera.*)?|exif_jpeg_picture|jpeg image|screenshot)$/i,
  /^dcim\S*$|^(dsc|img|imag|pict|p)[\w/\\-]*\d\w*(\.\w{3,4})?$/i,
  /^<?(untitled|no ?name|default|image|photo|picture)>?$/i,
  /^(cof|sdr|hdr|rhdr|bty|ptr|dav|fbt)(_\w+)?$|^(processed|edited) with \S+( \S+)?$/i,
  /^charset=|^[\p{P}\p{Sm}\s]+$/iu,
];
const isJunk = (text: string): boolean => junk.some((pattern) => pattern.test(text));

/** Six digits are a tenth of a metre. (0, 0) is what phones write that have no fix. */
function coordinates(
  latitude: number | undefined,
  longitude: number | undefined,
): Pick<CaptureFacts, 'latitude' | 'longitude'> {
  if (latitude === undefined || longitude === undefined) return {};
  // Written so that NaN fails too.
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return {};
  const [north, east] = [round(latitude), round(longitude)];
  return north === 0 && east === 0 ? {} : { latitude: north, longitude: east };
}

/** Adding 0 turns -0 into 0: the two are equal but are not written alike, and what is written is hashed. */
const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6 + 0;
