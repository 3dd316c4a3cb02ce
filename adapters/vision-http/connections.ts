import { type Dispatcher, Pool } from 'undici';
import type { VisionHost } from '../../domain/vision-host.ts';

interface Request {
  readonly method: 'GET' | 'POST';
  /** Below the host's base URL. */
  readonly path: string;
  readonly body?: string | Buffer | undefined;
  readonly signal: AbortSignal;
}

export interface Connections {
  /** Rejects with undici's errors. The body must be read to its end or destroyed. */
  request(host: VisionHost, request: Request): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

/**
 * One pool of keep-alive connections per host. undici's own limits on headers and body are off: they end at 300 s by
 * default, and a host may be silent for longer (limits.ts rules). HTTP/1.1 only: there, giving up a request closes its
 * connection, which is what tells Ollama to stop.
 */
export function createConnections(): Connections {
  const pools = new Map<string, Pool>();
  const poolOf = (origin: string, connectMs: number): Pool => {
    const key = `${origin} ${connectMs}`;
    const known = pools.get(key);
    if (known !== undefined) return known;
    const pool = new Pool(origin, {
      connect: { timeout: connectMs },
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: false,
      pipelining: 1,
    });
    pools.set(key, pool);
    return pool;
  };
  return {
    async request(host, { method, path, body, signal }) {
      const { origin, pathname } = new URL(host.label);
      return await poolOf(origin, host.limits.connectMs).request({
        method,
        path: `${pathname.replace(/\/+$/, '')}${path}`,
        signal,
        headers: {
          accept: 'application/x-ndjson, application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...host.headers(),
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
