import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError, errorCode } from '../../domain/errors.ts';
import { ServerError, askServer } from './ask-server.ts';
import { embeddedDatabase, embeddedRole } from './target.ts';

/** Said while the server starts, recovers or stops. */
const passing = new Set(['57P01', '57P02', '57P03']);
/** No such role, no such database. */
const missing = new Set(['28000', '3D000']);
const tooManyConnections = '53300';

interface ReadinessInput {
  readonly socketDir: string;
  /** The cluster was just made, so the database is certainly missing. */
  readonly mustMake: boolean;
  /** Throws when there is no server left to wait for. */
  readonly assertAlive: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Asks every 20 ms until the database answers, and makes it once where it is missing. */
export async function awaitDatabase({ socketDir, mustMake, assertAlive, signal }: ReadinessInput): Promise<void> {
  let isMissing = mustMake;
  let made = false;
  while (true) {
    signal.throwIfAborted();
    await assertAlive();
    try {
      if (isMissing) await makeDatabase(socketDir, signal);
      made ||= isMissing;
      isMissing = false;
      return await askServer({ socketDir, user: embeddedRole, database: embeddedDatabase }, 'select 1', signal);
    } catch (error) {
      signal.throwIfAborted();
      const code = errorCode(error) ?? '';
      if (code === tooManyConnections) return; // it works: for others, too
      if (missing.has(code) && !made) isMissing = true;
      else if (error instanceof ServerError && !passing.has(code)) throw unusable(error);
      await sleep(20, undefined, { signal });
    }
  }
}

const unusable = (error: ServerError) =>
  new TransientError('DatabaseUnavailable', `The embedded database refuses: ${error.message} (${error.code})`, {
    cause: error,
  });

/** Safe to repeat, and safe to be killed in between. */
async function makeDatabase(socketDir: string, signal: AbortSignal): Promise<void> {
  const steps = [
    [`create role ${embeddedRole} login`, '42710'],
    [`create database ${embeddedDatabase} owner ${embeddedRole}`, '42P04'],
  ] as const;
  for (const [statement, existsAlready] of steps) {
    await askServer({ socketDir, user: 'postgres', database: 'postgres' }, statement, signal).catch(
      (error: unknown) => {
        if (errorCode(error) !== existsAlready) throw error;
      },
    );
  }
}
