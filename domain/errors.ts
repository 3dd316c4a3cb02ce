import type { Description } from './description.ts';

/**
 * Faults are classed by whose fault they are, once, at the adapter that saw them. The class decides what happens next:
 * - host     a breaker opens for that host; the photo goes to another host or waits; nothing is counted against it
 * - content  the workflow counts it against the photo and parks the photo at the limit
 * - ours     a person has to change a setting; photos wait, none is blamed
 * - library  something we depend on (database, file system) is away; wait, the text is safe
 */
export type FaultClass = 'host' | 'content' | 'ours' | 'library';

/** The closed list of codes. The class follows from the code, so that it is decided in one place. */
export const faultClass = {
  HostUnreachable: 'host',
  HostTimedOut: 'host',
  HostFailed: 'host',
  HostBroke: 'host',
  HostBusy: 'host',
  HostSpokeNonsense: 'host',
  ModelMissing: 'host',
  NoHost: 'host',
  EmptyFile: 'content',
  OutsideLibrary: 'content',
  Undecodable: 'content',
  TooManyPixels: 'content',
  TooLarge: 'content',
  DecoderTimedOut: 'content',
  EmptyAnswer: 'content',
  AnswerLooped: 'content',
  AnswerTooSlow: 'content',
  /** Two healthy hosts failed on it, or one twice while it did others: domain/blame.ts. */
  FailsHosts: 'content',
  Refused: 'content',
  /** The face service says that it cannot do this picture (422). */
  FaceServiceRefused: 'content',
  /** Immich has made no preview of it for hours: its original is broken, or a job of Immich failed. */
  NoPreview: 'content',
  BadRequest: 'ours',
  ModelCannotSee: 'ours',
  Unauthorized: 'ours',
  BadConfig: 'ours',
  /** 401 or 403: the key is not known, was revoked, or lacks a permission. */
  ImmichKeyRefused: 'ours',
  /** Something answers at IMMICH_API_URL, and it is no Immich API. */
  ImmichNotThere: 'ours',
  DatabaseUnavailable: 'library',
  DiskFull: 'library',
  LibraryUnreadable: 'library',
  /** Away, restarting, too busy, or behind a proxy that answers for it. */
  ImmichUnavailable: 'library',
} as const satisfies Record<string, FaultClass>;

export type FaultCode = keyof typeof faultClass;
type CodesOf<C extends FaultClass> = { [K in FaultCode]: (typeof faultClass)[K] extends C ? K : never }[FaultCode];

export type TransientCode = CodesOf<'host' | 'library'>;
export type PermanentCode = CodesOf<'content'>;
export type ConfigCode = CodesOf<'ours'>;

/** It will go on by itself: a host or something we depend on is away. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly code: TransientCode;
  /** Milliseconds after which another try makes sense, where the other side said so. */
  readonly retryAfterMs: number | undefined;
  constructor(code: TransientCode, message: string, options: ErrorOptions & { retryAfterMs?: number } = {}) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Each is absent where the host did not say. */
export type TokenUsage = Pick<Description, 'promptTokens' | 'answerTokens'>;

/**
 * The photo itself cannot be done this way, however often it is tried. `host` is the vision host that answered, if one did,
 * and `usage` what its answer cost: it is billed whether anything can be read in it or not.
 */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  readonly code: PermanentCode;
  readonly host: string | undefined;
  readonly usage: TokenUsage | undefined;
  constructor(
    code: PermanentCode,
    message: string,
    options: ErrorOptions & { host?: string; usage?: TokenUsage } = {},
  ) {
    super(message, options);
    this.code = code;
    this.host = options.host;
    this.usage = options.usage;
  }
}

/** A setting of ours is wrong: photos wait until a person changes it. The message names the setting. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigCode;
  constructor(code: ConfigCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

export type DomainError = TransientError | PermanentError | ConfigError;

export const isDomainError = (error: unknown): error is DomainError =>
  error instanceof TransientError || error instanceof PermanentError || error instanceof ConfigError;

/** The system's or driver's code of an error (`ENOENT`, `ECONNREFUSED`, `57P01`), where it has one. */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
