import { ConfigError, PermanentError, TransientError } from './errors.ts';

/** A call that failed, and what else was known of its host. */
export interface FailedCall {
  readonly error: unknown;
  /** The host had answered other photos since its last fault, and was thought to be well until now. */
  readonly proven: boolean;
  /** No other call ran on the host at any time during this one. */
  readonly alone: boolean;
  /** How often before now this photo met `breaking` faults, alone on hosts that were proven. */
  readonly breaksBefore: number;
}

/**
 * - host     says nothing about the photo
 * - suspect  may be the photo, or a neighbour's picture that took the model down: try it alone
 * - broke    the host fell away under this photo alone; more than once is no accident
 * - photo    counted against the photo
 */
export type Blame = 'host' | 'suspect' | 'broke' | 'photo';

/** A machine that is switched off in the middle of a call looks like this, so once is nothing. */
const breaking: ReadonlySet<string> = new Set(['HostBroke', 'HostTimedOut']);
const breaksUntilBlamed = 2;

/**
 * Whose fault is a call that failed at the host? An unreadable picture kills the model process of older Ollama servers with
 * the very text of "out of memory", and takes the answers beside it along (ollama-measured, 2). So a failure counts against a
 * photo only on a host that did others, and only where it ran alone. A request that such a host refuses (400: a proxy's limit on
 * size, a context that this photo's keywords overrun) is about the photo whatever ran beside it. The workflow counts to two: another host, or the same
 * one after another photo succeeded there.
 */
export function blameOf({ error, proven, alone, breaksBefore }: FailedCall): Blame {
  if (!proven) return 'host';
  if (error instanceof ConfigError && error.code === 'BadRequest') return 'photo';
  if (!(error instanceof TransientError)) return 'host';
  const breaks = breaking.has(error.code);
  if (error.code !== 'HostFailed' && !breaks) return 'host';
  if (!alone) return 'suspect';
  return !breaks || breaksBefore + 1 >= breaksUntilBlamed ? 'photo' : 'broke';
}

/** The fault as it is counted against the photo. */
export function failsHosts(host: string, error: unknown): PermanentError {
  const what = error instanceof Error ? error.message : String(error);
  return new PermanentError('FailsHosts', `${host} did other photos and failed on this one: ${what}`, {
    host,
    cause: error,
  });
}
