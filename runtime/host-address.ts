import { BlockList, isIP } from 'node:net';

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
    const pair = `${decoded(username)}:${decoded(password)}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  return token === undefined ? undefined : `Bearer ${token}`;
}

/** A percent sign that begins no escape stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Networks that do not lead through the internet: loopback, private, link-local, and 100.64/10, which Tailscale uses. */
const nearby = new BlockList();
for (const [net, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  nearby.addSubnet(net, bits);
for (const [net, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  nearby.addSubnet(net, bits, 'ipv6');
const nearbyName = /^[^.]+$|(^|\.)(localhost|local|lan|internal|home|home\.arpa|ts\.net)$/;

/** Can what is sent to this address be read on its way through the internet? Names are judged by their looks. */
export function isReadableOnTheWay(label: string): boolean {
  const { protocol, hostname } = new URL(label);
  if (protocol === 'https:') return false;
  const name = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(name);
  if (family === 0) return !nearbyName.test(name);
  return !nearby.check(name, family === 6 ? 'ipv6' : 'ipv4');
}
