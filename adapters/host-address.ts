/** Where a vision host is, taken apart once. `label` is what may be shown, stored and compared: it holds no credentials. */
export interface HostAddress {
  readonly label: string;
  readonly origin: string;
  /** Path before `/api/…`, for hosts behind a proxy that serves them under a folder; no slash at its end. */
  readonly prefix: string;
  /** Value of the `authorization` header. */
  readonly authorization: string | undefined;
}

/**
 * Takes a base URL apart. A user and password in the URL win over `token`, because they are meant for this host alone.
 * Throws TypeError where it is no URL (settings are checked before they come here).
 */
export function hostAddress(url: string, token?: string): HostAddress {
  const { origin, pathname, username, password } = new URL(url);
  const prefix = pathname.replace(/\/+$/, '');
  return { label: `${origin}${prefix}`, origin, prefix, authorization: authorization(username, password, token) };
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
