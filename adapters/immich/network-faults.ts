import { errors } from 'undici';
import { ConfigError, errorCode } from '../../domain/errors.ts';
import { UnknownEncoding } from '../vision-http/decompress.ts';
import { unavailable } from './faults.ts';

/** A certificate that is not trusted, by the codes of Node's TLS. */
const untrusted = /CERT|VERIFY_LEAF|SELF_SIGNED|ISSUER|CRL|ALTNAME/;
const noTls = /^(EPROTO|ERR_SSL|ERR_TLS)/;

/** What a connection that failed means. Errors that are not the network's come back as they are. */
export function networkFault(error: unknown, { server, during }: { server: string; during: string }): unknown {
  if (error instanceof errors.HTTPParserError || error instanceof UnknownEncoding) {
    const what = `${server} is no Immich: what it sends is no HTTP that can be read. Check IMMICH_API_URL.`;
    return new ConfigError('ImmichNotThere', what, { cause: error });
  }
  const code = errorCode(error);
  if (code === undefined) return error;
  if (untrusted.test(code)) {
    return new ConfigError(
      'ImmichNotThere',
      `The certificate of ${server} is not trusted (${code}). Set IMMICH_TLS_CA to a file with its certificate authority, or IMMICH_TLS_INSECURE=on to take any.`,
      { cause: error },
    );
  }
  if (noTls.test(code)) {
    const what = `${server} does not speak TLS as it should (${code}). Check IMMICH_API_URL: http:// or https://?`;
    return new ConfigError('ImmichNotThere', what, { cause: error });
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    // No cause: it may hold what was refused.
    return new ConfigError('ImmichKeyRefused', 'IMMICH_API_KEY holds characters that no key of Immich has.');
  }
  const reason = reasons[code] ?? code;
  const isAway = away.has(code);
  const what = isAway
    ? `cannot be reached (${reason}); the address is IMMICH_API_URL`
    : `broke off ${during} (${reason})`;
  return unavailable(server, what, { cause: error });
}

const away = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such name',
  EAI_AGAIN: 'its name cannot be looked up now',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  ETIMEDOUT: 'no connection in time',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed',
  UND_ERR_SOCKET: 'connection closed',
  UND_ERR_DESTROYED: 'we are stopping',
  UND_ERR_CLOSED: 'we are stopping',
  Z_BUF_ERROR: 'the compressed answer was cut short',
};
