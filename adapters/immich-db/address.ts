import { readFileSync } from 'node:fs';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { ConfigError, errorCode } from '../../domain/errors.ts';
import type { DatabaseAddress } from '../postgres/connection.ts';

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof modes)[number];

/** Parameters of libpq that the driver would pass on to the server as settings of its own, or does not know. */
const ours = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'host'] as const;

/**
 * IMMICH_DB_URL for the driver. What libpq, and so every Postgres tool, understands: `sslmode` (disable, prefer, require,
 * verify-ca, verify-full), `sslrootcert` (a PEM file, or `system`), `sslcert` with `sslkey`, and `host=/folder` for a socket.
 * Without `sslmode` there is no TLS, unless `sslrootcert` is given: that means verify-full. Throws ConfigError BadConfig.
 */
export function immichAddress(text: string): DatabaseAddress {
  const url = URL.parse(text);
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw bad('is not an address such as postgres://user:password@host:5432/immich');
  }
  const parameter = (name: (typeof ours)[number]) => url.searchParams.get(name) ?? undefined;
  const folder = parameter('host');
  const files = { root: parameter('sslrootcert'), cert: parameter('sslcert'), key: parameter('sslkey') };
  const ssl = tlsFor(modeOf(parameter('sslmode'), files.root), files, url.hostname);
  const port = url.port === '' ? '5432' : url.port;
  for (const name of ours) url.searchParams.delete(name);
  const path = folder?.startsWith('/') === true ? { path: `${folder}/.s.PGSQL.${port}` } : {};
  return { url: url.href, options: { ssl, ...path } };
}

interface CertificateFiles {
  readonly root: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

function modeOf(given: string | undefined, root: string | undefined): Mode {
  if (given === undefined) return root === undefined ? 'disable' : 'verify-full';
  const mode = modes.find((known) => known === given);
  if (mode === undefined) throw bad(`has sslmode=${given}; it may be ${modes.join(', ')}`);
  // As libpq has it: a given authority is checked, and that of everybody only together with the name.
  if (root === 'system') return mode === 'disable' ? mode : 'verify-full';
  return mode === 'require' && root !== undefined ? 'verify-ca' : mode;
}

function tlsFor(mode: Mode, { root, cert, key }: CertificateFiles, host: string): false | 'prefer' | ConnectionOptions {
  if (mode === 'disable') return false;
  if (mode === 'allow' || mode === 'prefer') return 'prefer';
  const own = {
    ...(cert === undefined ? {} : { cert: pem('sslcert', cert) }),
    ...(key === undefined ? {} : { key: pem('sslkey', key) }),
  };
  if (mode === 'require') return { ...own, rejectUnauthorized: false };
  const ca = root === undefined || root === 'system' ? {} : { ca: pem('sslrootcert', root) };
  const name = host.replace(/^\[|\]$/g, '');
  return {
    ...own,
    ...ca,
    rejectUnauthorized: true,
    // The driver tells TLS no name where the host is an IP address, and Node would compare with `localhost` then.
    checkServerIdentity: (_, certificate) =>
      mode === 'verify-ca' ? undefined : checkServerIdentity(name, certificate),
  };
}

function pem(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw bad(`names a file in ${parameter} that cannot be read: ${path} (${errorCode(error) ?? 'unreadable'})`, error);
  }
}

const bad = (what: string, cause?: unknown) => new ConfigError('BadConfig', `IMMICH_DB_URL ${what}.`, { cause });
