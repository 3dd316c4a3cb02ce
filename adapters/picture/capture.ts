import type { CaptureFacts } from '../../domain/asset.ts';

/** What a file says of its making, as it says it. Degrees with a sign; dates as EXIF writes them, `2024:05:31 18:04:00`. */
export interface RawCapture {
  readonly dateTimeOriginal?: string | undefined;
  readonly createDate?: string | undefined;
  readonly make?: string | undefined;
  readonly model?: string | undefined;
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
}

const longestCamera = 80;

/** Raw values made safe to store and to show: dates that exist, one line for the camera, a place that is one. */
export function captureFacts(raw: RawCapture): CaptureFacts {
  const takenAt = localTime(raw.dateTimeOriginal) ?? localTime(raw.createDate);
  const camera = cameraName(raw.make, raw.model);
  const place = coordinates(raw.latitude, raw.longitude);
  return { ...(takenAt === undefined ? {} : { takenAt }), ...(camera === undefined ? {} : { camera }), ...place };
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
  const maker = oneLine(make).replace(/[ ,]+(corporation|corp\.?|company|co\.,? ?ltd\.?|inc\.?|imaging corp\.?)$/i, '');
  const product = oneLine(model);
  const doubled = firstWord(product) === firstWord(maker);
  // By code points, so that no pair is cut in two.
  const name = Array.from((doubled ? product : `${maker} ${product}`).trim())
    .slice(0, longestCamera)
    .join('')
    .trim();
  return name === '' ? undefined : name;
}

const firstWord = (text: string): string => (text.split(' ')[0] ?? '').toLowerCase();

/** Control and formatting characters (line breaks, text direction) must not reach a log line, a table or a prompt. */
const oneLine = (text: string | undefined): string =>
  (text ?? '')
    .slice(0, 1000)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD\s]+/gu, ' ')
    .trim();

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
