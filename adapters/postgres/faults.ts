import { ConfigError, errorCode, isDomainError, TransientError } from '../../domain/errors.ts';

/** What the driver and the system say when there is no server, or no longer one. */
const connectionCodes = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** 57P0x the server stops, crashes or starts · 08xxx broken connection · 25006 read-only: it leads to a server that was the first one. */
const lostConnection = /^(57P0\d|08...|25006)$/;

/**
 * 53xxx short of memory or connections (53100, the disk, is told apart) · 57014 our own time limit · 40001, 40P01, 55P03 lost
 * against somebody else. All go away by themselves.
 */
const passing = /^(53...|57014|40001|40P01|55P03)$/;

const refused = new Map([
  ['28000', 'refuses the user'],
  ['28P01', 'refuses the password'],
  ['3D000', 'has no such database'],
  ['42501', 'gives the user too few rights'],
]);

/** True where the connection itself is suspect, so that its pool should not be used again. */
export const isConnectionFault = (error: unknown): boolean => {
  const code = errorCode(error);
  return code !== undefined && (connectionCodes.has(code) || lostConnection.test(code));
};

export const databaseUnavailable = (why: string, cause?: unknown): TransientError =>
  new TransientError(
    'DatabaseUnavailable',
    `The database cannot be used (${why}). Work goes on by itself when it can; if it stays so, check DATABASE_URL and the server.`,
    { cause },
  );

/** Did the server end this statement because it and another one waited for each other? */
export const isDeadlock = (error: unknown): boolean => error instanceof Error && errorCode(error.cause) === '40P01';

/** Turns what the driver throws into the domain's errors; what is neither the server's state nor a setting passes through. */
export function toDomainError(error: unknown): unknown {
  if (isDomainError(error)) return error;
  const code = errorCode(error);
  if (code === undefined) return error;
  const words = error instanceof Error ? error.message : code;
  if (code === '53100') {
    return new TransientError(
      'DiskFull',
      'The disk of the database is full. Make room on it; work goes on by itself then.',
      { cause: error },
    );
  }
  if (isConnectionFault(error) || passing.test(code)) return databaseUnavailable(`${code}: ${words}`, error);
  const refusal = refused.get(code);
  if (refusal !== undefined) {
    return new ConfigError('BadConfig', `The database ${refusal} (${code}: ${words}). Check DATABASE_URL.`, {
      cause: error,
    });
  }
  return error;
}
