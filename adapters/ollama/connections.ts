import { type Dispatcher, Pool } from 'undici';
import { type HostAddress, hostAddress } from '../host-address.ts';

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string | Buffer | undefined;
  readonly signal: AbortSignal;
}

export interface Connections {
  /** Rejects with undici's errors. The body must be read to its end or destroyed. */
  request(address: HostAddress, request: Request): Promise<Dispatcher.ResponseData>;
  address(host: string): HostAddress;
  close(): Promise<void>;
}

/**
 * One pool of keep-alive connections per host. undici's own limits on headers and body are off: they end at 300 s by
 * default, and a host may be silent for longer (limits.ts rules). HTTP/1.1 only: there, giving up a request closes its
 * connection, which is what tells Ollama to stop.
 */
export function createConnections(deps: {
  connectMs: number;
  token: string | undefined;
  hosts: readonly string[];
}): Connections {
  const pools = new Map<string, Pool>();
  const addresses = new Map<string, HostAddress>();
  const remember = (host: string): HostAddress => {
    const address = hostAddress(host, deps.token);
    addresses.set(address.label, address).set(host, address);
    return address;
  };
  for (const host of deps.hosts) remember(host);
  const poolOf = (origin: string): Pool => {
    const known = pools.get(origin);
    if (known !== undefined) return known;
    const pool = new Pool(origin, {
      connect: { timeout: deps.connectMs },
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: false,
      pipelining: 1,
    });
    pools.set(origin, pool);
    return pool;
  };
  return {
    address: (host) => addresses.get(host) ?? remember(host),
    async request(address, { method, path, body, signal }) {
      return await poolOf(address.origin).request({
        method,
        path: `${address.prefix}${path}`,
        signal,
        headers: {
          accept: 'application/x-ndjson, application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(address.authorization === undefined ? {} : { authorization: address.authorization }),
        },
        ...(body === undefined ? {} : { body }),
      });
    },
    async close() {
      // Destroys, not closes: a call in flight would hold the process for up to its overall limit.
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

/** A header that may come several times: the first one. */
export const firstHeader = (headers: Dispatcher.ResponseData['headers'], name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
};

/** The beginning of a body, at most `limit` bytes: an error page may be of any size. */
export async function bodyText(body: AsyncIterable<Uint8Array>, limit = 65_536): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes >= limit) break;
  }
  return Buffer.concat(parts).subarray(0, limit).toString('utf8');
}
