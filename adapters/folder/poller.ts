import { isDomainError } from '../../domain/errors.ts';
import { createFolderMemory, type FolderMemory } from './folder-memory.ts';
import { reasonOf } from './fs-calls.ts';
import { quickScan } from './quick-scan.ts';
import { shown } from './raw-path.ts';
import type { Tree } from './tree.ts';

export interface PollerOptions {
  readonly tree: Tree;
  /** Milliseconds from the end of one quick scan to the beginning of the next. */
  readonly everyMs: number;
  readonly onFile: (rawPath: Buffer) => unknown;
  /** Something may have been missed: a full scan finds it. */
  readonly onMissed: (reason: string) => void;
  readonly log: { info(details: object, message: string): void; warn(details: object, message: string): void };
  readonly memory?: FolderMemory;
}

export interface Poller {
  /**
   * Remembers what is there now and tells nothing. Rejects with TransientError LibraryUnreadable where the root is away;
   * the scans go on all the same until `close`.
   */
  start(): Promise<void>;
  close(): Promise<void>;
  readonly folders: number;
}

/** More files in one scan than this are a job for a full scan, which has a brake on how many runs it opens. */
const maxTold = 10_000;

/** Finds new files without watches, by one quick scan after the other. What changed under its old name is left to the full scan. */
export function createPoller(options: PollerOptions): Poller {
  const { tree, everyMs, onFile, onMissed, log, memory = createFolderMemory() } = options;
  const stop = new AbortController();
  const { signal } = stop;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let away = false;
  /** False until everything that is there was seen once. */
  let isKnown = false;

  const scanLater = (): void => {
    if (signal.aborted) return;
    timer = setTimeout(() => {
      running = scanOnce().finally(scanLater);
    }, everyMs);
  };

  async function lookFirst(): Promise<void> {
    await tree.identity(signal);
    await quickScan({ tree, memory, tell: undefined, signal });
    isKnown = true;
  }

  async function scanOnce(): Promise<void> {
    let told = 0;
    const tell = async (path: Buffer) => {
      told += 1;
      if (told <= maxTold && !(await taken(path))) onMissed(`${shown(path)} was noticed but could not be taken in`);
    };
    try {
      await tree.identity(signal);
      await quickScan({ tree, memory, tell: isKnown ? tell : undefined, signal });
      if (!isKnown) onMissed('the library folder was away');
      isKnown = true;
      if (away) log.info({ root: tree.root }, 'The library folder is back');
      away = false;
      if (told > maxTold) onMissed(`${told} files came at once`);
    } catch (error) {
      if (signal.aborted) return;
      if (!away) log.warn({ root: tree.root }, isDomainError(error) ? error.message : reasonOf(error));
      away = true;
    }
  }

  async function taken(path: Buffer): Promise<boolean> {
    try {
      await onFile(path);
      return true;
    } catch (error) {
      log.warn({ root: tree.root, file: shown(path), error: String(error) }, 'A new file could not be taken in');
      return false;
    }
  }

  return {
    async start() {
      const first = lookFirst();
      running = first.catch(() => undefined).finally(scanLater);
      await first;
    },
    async close() {
      stop.abort();
      clearTimeout(timer);
      await running.catch(() => undefined);
    },
    get folders() {
      return memory.size;
    },
  };
}
