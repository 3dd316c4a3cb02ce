/** Where our rows live: a server of the user's own, or the embedded one on its private socket. */
export type DatabaseTarget =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'socket'; readonly socketDir: string; readonly user: string; readonly database: string };

export const embeddedRole = 'darkroom';
export const embeddedDatabase = 'darkroom';

/** Postgres names its socket after the port, also where there is no TCP. */
export const socketPath = (socketDir: string): string => `${socketDir}/.s.PGSQL.5432`;

export interface PoolSize {
  /** Connections at most; the embedded server allows 40 in all. */
  readonly max: number;
}

/** `postgres(url, options)`, `postgres.Options` without its type: the supervisor must not load the driver. */
export interface PostgresArguments {
  /** Undefined for the embedded server: the driver then takes everything from the options. */
  readonly url: string | undefined;
  readonly options: {
    readonly path?: string;
    readonly user?: string;
    readonly database?: string;
    readonly max: number;
    readonly connect_timeout: number;
    readonly backoff: () => number;
    readonly idle_timeout: number;
    readonly max_lifetime: number;
    readonly onnotice: () => void;
    readonly transform: { readonly column: { readonly from: (column: string) => string } };
  };
}

const toCamel = (column: string): string =>
  column.replace(/_([a-z0-9])/g, (_match, next: string) => next.toUpperCase());

/**
 * Arguments for the driver. Only column names are turned into camel case, and only on the way in: the driver's own
 * `postgres.camel` reaches into JSON values. Times in seconds.
 */
export function postgresOptions(target: DatabaseTarget, { max }: PoolSize): PostgresArguments {
  const options = {
    max,
    connect_timeout: 3,
    // The driver's own grows to 20 s with every statement that fails: measured, 17 s of waiting after an outage of 0.5 s.
    backoff: () => 0.1 + Math.random() * 0.2,
    idle_timeout: 60,
    max_lifetime: 30 * 60,
    onnotice: () => {},
    transform: { column: { from: toCamel } },
  };
  if (target.kind === 'url') return { url: target.url, options };
  const { socketDir, user, database } = target;
  return { url: undefined, options: { ...options, path: socketPath(socketDir), user, database } };
}

/** For logs and messages: the password becomes `***`; what is not a URL is not shown at all. */
export function redactUrl(url: string): string {
  const parsed = URL.parse(url);
  // `me:secret@host` is a URL of its own kind, too.
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) return '(not a postgres:// address)';
  if (parsed.password !== '') parsed.password = '***';
  for (const name of parsed.searchParams.keys()) {
    if (/pass|secret|token|key/i.test(name)) parsed.searchParams.set(name, '***');
  }
  return parsed.href;
}

export const describeTarget = (target: DatabaseTarget): string =>
  target.kind === 'url' ? redactUrl(target.url) : `embedded Postgres on ${target.socketDir}`;
