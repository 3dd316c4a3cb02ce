import { readdir, readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';

/** As `nice` counts: a thread of 10 gets about a tenth of the time of one of 0 where both want it, and all of it where nobody else does. */
const background = 10;

/**
 * Lets the threads that decode pictures stand back behind the one that talks to vision hosts, and behind Postgres and Temporal:
 * on two busy cores a host else waits tens of milliseconds for its next photo, while photos are prepared that nobody needs yet
 * (docs/benchmarks.md, hosts). Returns how many threads that were. Linux only: elsewhere threads have no priority of their own,
 * and nothing happens. Threads that libvips starts inherit it.
 */
export async function yieldDecoding(): Promise<number> {
  if (process.platform !== 'linux') return 0;
  try {
    // Reading has started all threads of the pool.
    const threads = await readdir('/proc/self/task');
    const names = await Promise.all(threads.map(nameOf));
    const decoding = threads.filter((_, at) => names[at] === 'libuv-worker').map(Number);
    for (const thread of decoding) setPriority(thread, background);
    return decoding.length;
  } catch {
    // A container may hide them: then everything is as fast as without.
    return 0;
  }
}

const nameOf = async (thread: string): Promise<string> =>
  (await readFile(`/proc/self/task/${thread}/comm`, 'utf8').catch(() => '')).trim();
