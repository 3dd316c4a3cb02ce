import { PermanentError } from '../../domain/errors.ts';
import { openTryOut, type TryOut } from './open.ts';
import type { Wishes } from './wishes.ts';

interface Trying {
  readonly env: NodeJS.ProcessEnv;
  readonly wishes: Wishes;
  readonly dataDir: string | undefined;
  readonly note: (message: string) => void;
  /** Ctrl-C. */
  readonly stop: AbortSignal;
}

/** Opens what a try needs, and closes it after `work`. */
export async function trying(
  { env, wishes, dataDir, note, stop }: Trying,
  work: (tryOut: TryOut, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const tryOut = await openTryOut(env, { ...wishes, dataDir, note });
  const ended = new AbortController();
  // Unlike the work of a run, this does not go on without the command.
  const end = () => ended.abort(new Error('Interrupted.'));
  stop.addEventListener('abort', end);
  if (stop.aborted) end();
  try {
    await work(tryOut, ended.signal);
  } catch (error) {
    // The photo's fault, not that of something outside: another exit code.
    throw error instanceof PermanentError ? new Error(error.message, { cause: error }) : error;
  } finally {
    stop.removeEventListener('abort', end);
    await tryOut.close();
  }
}
