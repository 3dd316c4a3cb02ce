/** Where the API of an Immich is. */
export interface ApiBase {
  readonly origin: string;
  /** `/api`, or with the prefix of a proxy before it; without a slash at its end. */
  readonly path: string;
  /** For messages: the address without credentials. */
  readonly label: string;
  /** Where a proxy wants a user and a password, they stand in the address. */
  readonly authorization: string | undefined;
}

/**
 * People copy the address out of their browser (`https://photos.example/`), out of the documentation (`http://immich:2283/api`)
 * or have a proxy with a prefix. `/api` is added where it does not end the path. Throws TypeError for what is no URL.
 */
export function apiBase(address: string): ApiBase {
  const url = new URL(address);
  const path = url.pathname.replace(/\/+$/, '');
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    origin: url.origin,
    path: path.endsWith('/api') ? path : `${path}/api`,
    label: `${url.origin}${path.replace(/\/api$/, '')}`,
    authorization: login === ':' ? undefined : `Basic ${Buffer.from(login).toString('base64')}`,
  };
}
