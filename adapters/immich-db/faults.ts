import { z } from 'zod';
import { ConfigError, errorCode, isDomainError, TransientError } from '../../domain/errors.ts';

/** What OpenSSL and Node say of a certificate that is not trusted, or of a server that speaks no TLS. */
const tlsCode = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

const refused = new Map([
  ['28000', 'refuses the user'],
  ['28P01', 'refuses the password'],
  ['42501', 'gives the user too few rights'],
  ['25006', 'takes no writes: the role is read-only, or the address leads to a copy of the database'],
]);

/** 3D000 no such database · 42P01 no such table · 42703 no such column · 3F000 no such schema. */
const elsewhere = /^(3D000|42P01|42703|3F000)$/;

/** A table or column is not what it was when the layout was looked at: Immich was upgraded, or this is another database. */
export const isOtherLayout = (error: unknown): boolean => /^(42P01|42703)$/.test(errorCode(error) ?? '');

/** The row that a statement saw is gone by its end: an asset that was just deleted. */
export const isGoneMeanwhile = (error: unknown): boolean => errorCode(error) === '23503';

/**
 * Turns what adapters/postgres makes of a fault into what the port promises, naming IMMICH_DB_URL. What is neither the
 * server's state nor a setting passes through.
 */
export function toImmichFault(error: unknown): unknown {
  const cause = isDomainError(error) ? error.cause : error;
  if (isDomainError(cause)) return cause;
  if (error instanceof z.ZodError) return unknownRows(error);
  const code = errorCode(cause);
  const words = cause instanceof Error ? cause.message : String(cause);
  const refusal = refused.get(code ?? '');
  if (refusal !== undefined) return keyRefused(`${refusal} (${code}: ${words})`, error);
  if (elsewhere.test(code ?? '')) return notThere(`${code}: ${words}`, error);
  if (tlsCode.test(code ?? '')) return badTls(`${code}: ${words}`, error);
  if (/before secure TLS/.test(words)) return unavailable(`${words}; sslmode=disable where it speaks no TLS`, error);
  if (error instanceof TransientError)
    return unavailable(code === undefined ? error.message : `${code}: ${words}`, error);
  return error;
}

const unavailable = (why: string, cause: unknown) =>
  new TransientError(
    'ImmichUnavailable',
    `Immich's database cannot be used (${why}). Work goes on by itself when it can; if it stays so, check IMMICH_DB_URL.`,
    { cause },
  );

const keyRefused = (why: string, cause: unknown) =>
  new ConfigError(
    'ImmichKeyRefused',
    `Immich's database ${why}. Check the user in IMMICH_DB_URL, and the rights that it needs (docs/immich-database.md).`,
    { cause },
  );

const notThere = (why: string, cause: unknown) =>
  new ConfigError('ImmichNotThere', `There is no Immich in the database of IMMICH_DB_URL (${why}).`, { cause });

const unknownRows = (cause: z.ZodError) =>
  new ConfigError(
    'ImmichNotThere',
    `Immich's tables hold something that this version of Darkroom does not know (${cause.issues[0]?.path.join('.') ?? ''}). ` +
      'Immich promises nothing about its tables: use IMMICH_API_URL instead of IMMICH_DB_URL, or a newer Darkroom.',
    { cause },
  );

const badTls = (why: string, cause: unknown) =>
  new ConfigError(
    'BadConfig',
    `Immich's database cannot be reached over TLS as IMMICH_DB_URL asks for (${why}). ` +
      'sslmode=disable where it speaks no TLS; sslrootcert=/file.pem for an authority of your own.',
    { cause },
  );
