/** Base URL of a vision host, split into what may be shown and what may not. */
export interface HostAddress {
  /** Without credentials and without a slash at its end: what is shown, stored and compared. */
  readonly label: string;
  /** Value of the `authorization` header. */
  readonly authorization: string | undefined;
}

/**
 * Takes a base URL apart. A user and password in the URL win over `token`, because they are meant for this host alone.
 * Throws TypeError where it is no URL (settings are checked before they come here).
 */
export function hostAddress(url: string, token?: string): HostAddress {
  const { origin, pathname, username, password } = new URL(url);
  return {
    label: `${origin}${pathname.replace(/\/+$/, '')}`,
    authorization: authorization(username, password, token),
  };
}

/** The part of a base URL that may be shown. */
export const hostLabel = (url: string): string => hostAddress(url).label;

function authorization(username: string, password: string, token: string | undefined): string | undefined {
  if (username !== '' || password !== '') {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  return token === undefined ? undefined : `Bearer ${token}`;
}
