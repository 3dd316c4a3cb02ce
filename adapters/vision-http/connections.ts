import type { Readable } from 'node:stream';
import { type Dispatcher, Pool } from 'undici';
import type { CallLimits } from '../../domain/vision-host.ts';
import { decompressed } from './decompress.ts';

/** What has to be known of a host to call it. */
export interface CalledHost {
  /** Base URL without credentials and without a slash at its end. */
  readonly label: string;
  readonly limits: Pick<CallLimits, 'connectMs'>;
  /** Headers of every request. A function, so that no log and no JSON can hold a secret. */
  readonly headers: () => Readonly<Record<string, string>>;
}

interface Request {
  readonly method: 'GET' | 'POST';
  /** From the root of the server: `hostPath` puts it below the host's base URL. */
  readonly path: string;
  readonly body?: string | Buffer | undefined;
  /** Of the body; JSON unless it is said. */
  readonly contentType?: string | undefined;
  readonly signal: AbortSignal;
}

export type Headers = Dispatcher.ResponseData['headers'];

export interface HostResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Decompressed. Must be read to its end or destroyed; destroying it closes the connection. */
  readonly body: Readable;
}

export interface Connections {
  /** Rejects with undici's errors, or UnknownEncoding. */
  request(host: CalledHost, request: Request): Promise<HostResponse>;
  close(): Promise<void>;
}

/**
 * One pool of keep-alive connections per host. undici's own limits on headers and body are off: they end at 300 s by
 * default, and a host may be silent for longer (limits.ts rules). HTTP/1.1 only: there, giving up a request closes its
 * connection, which is what tells Ollama to stop. `idleMs`: an unused connection is closed after this long; undici's 4 s else.
 */
export function createConnections({ idleMs }: { idleMs?: number } = {}): Connections {
  const pools = new Map<string, Pool>();
  const poolOf = (origin: string, connectMs: number): Pool => {
    const key = `${origin} ${connectMs}`;
    const known = pools.get(key);
    if (known !== undefined) return known;
    const pool = openPool(origin, connectMs, idleMs);
    pools.set(key, pool);
    return pool;
  };
  return {
    async request(host, { method, path, body, contentType = 'application/json', signal }) {
      const { origin } = new URL(host.label);
      const response = await poolOf(origin, host.limits.connectMs).request({
        method,
        path,
        signal,
        headers: {
          accept: 'application/x-ndjson, text/event-stream, application/json',
          'accept-encoding': 'identity',
          ...(body === undefined ? {} : { 'content-type': contentType }),
          ...host.headers(),
        },
        ...(body === undefined ? {} : { body }),
      });
      return readyToRead(response);
    },
    async close() {
      // Destroys, not closes: a call in flight would hold the process for up to its overall limit.
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

const openPool = (origin: string, connectMs: number, idleMs: number | undefined): Pool =>
  new Pool(origin, {
    ...(idleMs === undefined ? {} : { keepAliveTimeout: idleMs, keepAliveMaxTimeout: idleMs }),
    connect: { timeout: connectMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
    pipelining: 1,
  });

function readyToRead({ statusCode: status, headers, body }: Dispatcher.ResponseData): HostResponse {
  // A body that is given up tells of it by an error event, which nobody may be waiting for.
  body.on('error', () => {});
  try {
    return { status, headers, body: decompressed(body, [headers['content-encoding'] ?? []].flat().join(',')) };
  } catch (error) {
    body.destroy();
    throw error;
  }
}

/** A path below the base URL of a host. */
export const hostPath = (host: Pick<CalledHost, 'label'>, path: string): string =>
  `${new URL(host.label).pathname.replace(/\/+$/, '')}${path}`;

/** A header that may come several times: the first one. */
export const firstHeader = (headers: Headers, name: string): string | undefined => {
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
