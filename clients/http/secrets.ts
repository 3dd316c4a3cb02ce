import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** How long it takes tells nothing: neither where the two differ, nor how long the right one is. */
export function isSameSecret(given: string | undefined, wanted: string): boolean {
  const isSame = timingSafeEqual(digest(given ?? ''), digest(wanted));
  return isSame && given !== undefined && wanted !== '';
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The token of `Authorization: Bearer …`; undefined where there is none. */
export const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];

/** Where Immich tells of new photos; the name of the library stands behind it. */
export const hookPath = '/hooks/immich';

/** The header in which Immich brings the secret of a webhook. */
export const hookHeader = 'x-darkroom-secret';

/** Follows from the token: another token ends all webhooks, and one library's secret opens no other library and no route. */
export const hookSecret = (token: string, library: string): string =>
  createHmac('sha256', token).update(`immich webhook of ${library}`).digest('base64url');
