/** Where a walk stands: all photos that are newer than `at` were told, and of those at `at` the ones in `seen`. */
export interface Place {
  /** `fileCreatedAt`, milliseconds since 1970. */
  readonly at: number;
  /** Short forms of the ids that were told at that instant, or in the millisecond behind it. */
  readonly seen: ReadonlySet<string>;
}

/** 48 random bits of a UUID: a thousand photos at one instant (a scanner's folder) make 8 KB, and no two are alike. */
export const shortId = (id: string): string => id.replaceAll('-', '').slice(0, 12);

const form = /^at:(-?\d+):([A-Za-z0-9_-]*)$/;
const bytes = 6;

export function writeCursor({ at, seen }: Place): string {
  const packed = Buffer.concat([...seen].map((id) => Buffer.from(id, 'hex')));
  return `at:${at}:${packed.toString('base64url')}`;
}

/** Undefined for what is no cursor of ours: one of the database mode, when a person changed to REST in the middle of a walk. */
export function readCursor(cursor: string): Place | undefined {
  const [, at, list = ''] = form.exec(cursor) ?? [];
  if (at === undefined) return undefined;
  const packed = Buffer.from(list, 'base64url');
  const count = Math.floor(packed.length / bytes);
  const seen = Array.from({ length: count }, (_, index) => packed.toString('hex', index * bytes, (index + 1) * bytes));
  return { at: Number(at), seen: new Set(seen) };
}
