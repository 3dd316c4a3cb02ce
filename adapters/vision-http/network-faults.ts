import { errors } from 'undici';
import { errorCode, TransientError } from '../../domain/errors.ts';
import { UnknownEncoding } from './decompress.ts';
import { type HostKind, nonsense } from './faults.ts';

/** No connection came about: the host is off, or its address is wrong. */
const noConnection: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to it',
  EHOSTDOWN: 'the machine is off',
  ENETUNREACH: 'no network',
  ENETDOWN: 'no network',
  ENOTFOUND: 'no such name',
  EAI_AGAIN: 'its name cannot be looked up now',
  EADDRNOTAVAIL: 'no address to call from',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
};

/** Connected, and then it broke. `UND_ERR_SOCKET` is undici's word for a connection that the other side closed. */
const broken: Readonly<Record<string, string>> = {
  ECONNRESET: 'connection reset',
  ECONNABORTED: 'connection reset',
  EPIPE: 'connection closed',
  UND_ERR_SOCKET: 'connection closed',
  Z_BUF_ERROR: 'the compressed answer was cut short',
  UND_ERR_CLOSED: 'we are stopping',
  UND_ERR_DESTROYED: 'we are stopping',
};

/**
 * What a failed connection means, in the domain's words. `during` says when, for the message: `before it answered`,
 * `in the middle of its answer`. Errors that are not the network's come back as they are.
 */
export function networkFault(kind: HostKind, host: string, error: unknown, during: string): unknown {
  const strange = nonsenseIn(error);
  if (strange !== undefined) return nonsense(kind, host, strange);
  const code = errorCode(error);
  if (code === undefined) return error;
  const away = noConnection[code];
  if (away !== undefined) {
    return new TransientError('HostUnreachable', `${host} cannot be reached (${away}).`, { cause: error });
  }
  const broke = broken[code];
  if (broke !== undefined) {
    return new TransientError('HostBroke', `${host} broke off ${during} (${broke}).`, { cause: error });
  }
  if (isTls(code)) {
    return new TransientError('HostUnreachable', `${host} cannot be trusted or speaks no TLS (${code}).`, {
      cause: error,
    });
  }
  return new TransientError('HostBroke', `${host} failed ${during} (${code}).`, { cause: error });
}

/** What is wrong with an answer that no vision host would give; undefined for every other error. */
export function nonsenseIn(error: unknown): string | undefined {
  const code = errorCode(error) ?? '';
  // undici gives its parser's errors no code of their own where the first byte is wrong already.
  if (error instanceof errors.HTTPParserError || code.startsWith('HPE_')) return 'what it sends is no HTTP';
  if (error instanceof UnknownEncoding) return `its answer is in an encoding that is not known (${error.message})`;
  const isGarbled = /^(Z_|ERR__ERROR|ZSTD_)/.test(code) && broken[code] === undefined;
  return isGarbled ? `its answer is not in the encoding that it names (${code})` : undefined;
}

/** The reason alone, for a list of hosts: `connection refused`. */
export function networkReason(error: unknown): string {
  const code = errorCode(error) ?? '';
  return noConnection[code] ?? broken[code] ?? (code === '' ? 'no answer' : code);
}

const isTls = (code: string): boolean =>
  code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || code === 'EPROTO' || code.includes('CERT');
