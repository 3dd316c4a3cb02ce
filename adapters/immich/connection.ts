import type { Readable } from 'node:stream';
import { Pool } from 'undici';
import { decompressed } from '../vision-http/decompress.ts';
import { firstHeader } from '../vision-http/connections.ts';
import type { ApiBase } from './base-url.ts';

export interface RawRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base, with its query. */
  readonly path: string;
  readonly body?: string | undefined;
  readonly accept: string;
  /** The most that a good answer may hold. Of a refusal no more than 64 KB are read. */
  readonly mostBytes: number;
  readonly signal: AbortSignal;
}

export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly location: string;
  readonly retryAfter: string;
  /** The whole body, decompressed; of a refusal its beginning. */
  readonly body: Buffer;
}

/** The answer is longer than `mostBytes`. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

export interface Connection {
  /** Rejects with undici's errors, AnswerTooLarge, or the reason of the signal. Redirects are answers. */
  request(request: RawRequest): Promise<RawAnswer>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly base: ApiBase;
  readonly key: string;
  /** PEM. */
  readonly ca?: string | undefined;
  /** Any certificate will do. */
  readonly insecure?: boolean | undefined;
  readonly connectMs: number;
}

/** A search, a preview, and the writes that a throttle lets through: Immich is somebody's small server. */
const connections = 8;
const longestRefusal = 65_536;

/** One pool of keep-alive connections. Limits are the caller's signal; undici's own are off. */
export function createConnection({ base, key, ca, insecure = false, connectMs }: ConnectionOptions): Connection {
  const pool = new Pool(base.origin, {
    connections,
    connect: { timeout: connectMs, rejectUnauthorized: !insecure, ...(ca === undefined ? {} : { ca }) },
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
    pipelining: 1,
  });
  return {
    async request({ method, path, body, accept, mostBytes, signal }) {
      const response = await pool.request({
        method,
        path: `${base.path}${path}`,
        signal,
        headers: {
          accept,
          'accept-encoding': 'identity',
          'x-api-key': key,
          ...(base.authorization === undefined ? {} : { authorization: base.authorization }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
      });
      const { statusCode: status, headers } = response;
      const isGood = status >= 200 && status < 300;
      const header = (name: string): string => firstHeader(headers, name) ?? '';
      response.body.on('error', () => {});
      return {
        status,
        contentType: header('content-type').toLowerCase(),
        location: header('location'),
        retryAfter: header('retry-after'),
        body: await bytesOf(plain(response.body, header('content-encoding')), isGood, mostBytes),
      };
    },
    // Destroys, not closes: a preview in flight would hold the process for up to its limit.
    close: () => pool.destroy(),
  };
}

function plain(body: Readable, encoding: string): Readable {
  try {
    return decompressed(body, encoding);
  } catch (error) {
    body.destroy();
    throw error;
  }
}

async function bytesOf(body: AsyncIterable<Uint8Array>, isGood: boolean, mostBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    parts.push(part);
    bytes += part.length;
    if (isGood && bytes > mostBytes) throw new AnswerTooLarge(`more than ${mostBytes} bytes`);
    if (!isGood && bytes >= longestRefusal) break;
  }
  return Buffer.concat(parts);
}
