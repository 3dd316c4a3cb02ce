import { basename } from 'node:path';
import { errorCode, isDomainError } from '../../domain/errors.ts';
import { classifyName } from '../../domain/paths.ts';
import { createAdoption, isWatchLimit } from './adoption.ts';
import { noMediaName } from './links.ts';
import { createPending, type PendingTiming } from './pending.ts';
import { baseName, below, keyOf, parentOf, pathOfKey, rootPath, shown } from './raw-path.ts';
import type { Tree } from './tree.ts';
import { createWatchedFolders, type FolderEvent, type OpenWatch } from './watched-folders.ts';

export interface NativeWatchOptions {
  readonly tree: Tree;
  readonly timing: PendingTiming & { readonly rootCheckMs: number };
  readonly onFile: (rawPath: Buffer) => unknown;
  /** No photo is at this path any more. */
  readonly onVanished?: (rawPath: Buffer) => unknown;
  /** Something may have been missed: a scan finds it. */
  readonly onMissed: (reason: string) => void;
  /** The system's limit is reached, with its code. All handles are closed; nothing more is noticed. */
  readonly onLimit: (code: string) => void;
  readonly log: { info(details: object, message: string): void; warn(details: object, message: string): void };
  readonly openWatch?: OpenWatch;
}

export interface NativeWatch {
  /** Every folder has its watch, or the limit was told. Throws TransientError LibraryUnreadable where the root is away. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Files told at once: each may be a row and a start. */
const atOnce = 8;
/**
 * The kernel's queue holds 16,384 events and drops the rest without a word (libuv does not pass IN_Q_OVERFLOW on). Half
 * of that in one go means that it may have: libraries of one process share the queue.
 */
const suspiciousBurst = 8_192;
const dot = 0x2e;

/** One watch per folder by the system's own means; every event leads to a look at its path. */
export function createNativeWatch(options: NativeWatchOptions): NativeWatch {
  const { tree, timing, onFile, onMissed, onLimit, log } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const folders = createWatchedFolders(tree.root, onEvent, options.openWatch);
  const pending = createPending({
    timing,
    handle: (due) => inTurn(() => handle(due)),
    onOverflow: () => missed('More files changed at once than can be followed one by one'),
  });
  const { adopt } = createAdoption({ tree, folders, pending, signal, log });
  let turn: Promise<void> = Promise.resolve();
  let identity: string | undefined;
  let rootTimer: NodeJS.Timeout | undefined;
  let burst = 0;

  /** One job after the other. At a limit of the system all of it ends. */
  function inTurn(job: () => Promise<void>): Promise<void> {
    const before = turn;
    turn = (async () => {
      await before;
      if (signal.aborted) return;
      try {
        await job();
      } catch (error) {
        if (signal.aborted) return;
        if (isWatchLimit(error)) end(errorCode(error) ?? '');
        else if (isDomainError(error)) missed(error.message);
        else throw error;
      }
    })();
    return turn;
  }

  function end(code: string): void {
    stop.abort();
    clearInterval(rootTimer);
    pending.close();
    folders.closeAll();
    onLimit(code);
  }

  function missed(reason: string): void {
    log.warn({ root: tree.root }, reason);
    onMissed(reason);
  }

  function onEvent({ folder, name, moved }: FolderEvent): void {
    if (signal.aborted) return;
    countBurst();
    if (name === null) return pending.add(keyOf(folder), true);
    const isMark = name.equals(noMediaName);
    if (!isMark && (name[0] === dot || folders.isMuted(folder))) return;
    if (folder.length === 0 && moved && name.toString() === basename(tree.root)) void inTurn(checkRoot);
    // A name without a dot may be a folder that may be read from now on.
    const worthALook = moved || classifyName(shown(name)) !== 'other' || !name.includes('.');
    if (worthALook) pending.add(keyOf(below(folder, name)), moved);
  }

  function countBurst(): void {
    burst += 1;
    if (burst > 1) return;
    setImmediate(() => {
      if (burst >= suspiciousBurst && !signal.aborted) missed('More events came at once than the system may have kept');
      burst = 0;
    });
  }

  async function handle(due: ReadonlyMap<string, { readonly moved: boolean }>): Promise<void> {
    const all = [...due];
    for (let at = 0; at < all.length; at += atOnce) {
      await Promise.all(all.slice(at, at + atOnce).map(([key, { moved }]) => handleOne(pathOfKey(key), moved)));
    }
  }

  async function handleOne(path: Buffer, moved: boolean): Promise<void> {
    if (signal.aborted) return;
    if (baseName(path).equals(noMediaName)) return await adoptAnew(parentOf(path));
    const isPhotoName = classifyName(shown(baseName(path))) === 'photo';
    const look = path.length === 0 ? ({ kind: 'folder' } as const) : await tree.look(path, { signal });
    if (moved && isPhotoName && (look.kind === 'folder' || look.kind === 'nothing')) await tellVanished(path);
    if (look.kind === 'folder') {
      if (moved || !folders.has(path)) await adoptAnew(path);
    } else if (look.kind === 'nothing') {
      folders.drop(path);
      if (look.problem !== undefined) log.warn({ root: tree.root }, look.problem);
    } else await tell(path);
  }

  async function tell(path: Buffer): Promise<void> {
    try {
      await onFile(path);
    } catch (error) {
      missed(`${shown(path)} was noticed but could not be taken in: ${String(error)}`);
    }
  }

  /** Nothing is lost where it cannot be told: a run that reads the file finds out by itself. */
  async function tellVanished(path: Buffer): Promise<void> {
    try {
      await options.onVanished?.(path);
    } catch (error) {
      log.warn({ root: tree.root, error: String(error) }, `${shown(path)} vanished, which could not be taken in`);
    }
  }

  /** A folder that came, or came again under the same name: its watch is new, and all that lies in it is news. */
  async function adoptAnew(folder: Buffer): Promise<void> {
    folders.drop(folder);
    await adopt(folder, true);
  }

  /** A drive that was pulled out takes its watches with it, and nobody says when it is back: hence a look now and then. */
  async function checkRoot(): Promise<void> {
    const now = await tree.identity(signal).catch((error: unknown) => {
      signal.throwIfAborted();
      if (identity !== undefined) log.warn({ root: tree.root }, String(error));
      return undefined;
    });
    if (now === identity) return;
    identity = undefined;
    folders.closeAll();
    if (now === undefined) return;
    await adopt(rootPath, false);
    identity = now;
    missed('The library folder was away or is another one than before');
  }

  return {
    async start() {
      identity = await tree.identity(signal);
      let failure: unknown;
      await inTurn(async () => {
        await adopt(rootPath, false).catch((error: unknown) => {
          if (!isDomainError(error)) throw error;
          failure = error;
        });
      });
      if (failure !== undefined) throw failure;
      if (!signal.aborted) rootTimer = setInterval(() => void inTurn(checkRoot), timing.rootCheckMs).unref();
    },
    async close() {
      stop.abort();
      clearInterval(rootTimer);
      pending.close();
      await turn;
      folders.closeAll();
    },
  };
}
