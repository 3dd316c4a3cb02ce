import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../../domain/errors.ts';
import { isAlive } from '../child.ts';
import { ServerError, askServer } from './ask-server.ts';
import { type Running, findRunning, stopServer } from './postmaster.ts';

/** A server that lives but does not answer within 5 s (its socket was tidied away, it hangs) is stopped. */
export async function adoptable(clusterDir: string): Promise<Running | undefined> {
  const running = await findRunning(clusterDir);
  if (running === undefined) return undefined;
  const { identity, socketDir } = running;
  const limit = AbortSignal.timeout(5000);
  while (isAlive(identity) && !limit.aborted) {
    try {
      await askServer({ socketDir, user: 'postgres', database: 'postgres' }, 'select 1', limit);
      return running;
    } catch (error) {
      if (error instanceof ServerError && error.code === '53300') return running;
      if (errorCode(error) === 'ENOENT') break;
      await sleep(50);
    }
  }
  await stopServer(identity);
  return undefined;
}
