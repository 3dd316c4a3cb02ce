import { readFile, realpath } from 'node:fs/promises';
import type { IgnoreRule } from './ignore.ts';
import { readSystemLimits, watchAdvice } from './inotify-limits.ts';
import { type Mount, networkMount } from './mounts.ts';
import { createNativeWatch, type NativeWatch } from './native-watch.ts';
import type { PendingTiming } from './pending.ts';
import { createPoller, type Poller } from './poller.ts';
import { createTree, type Tree } from './tree.ts';
import type { OpenWatch } from './watched-folders.ts';

export interface WatcherOptions {
  /** Absolute path of the library's folder. */
  readonly root: string;
  readonly ignored: IgnoreRule;
  /** `auto`: scanning where the folder is on a network mount or holds one. A folder that cannot be watched is always scanned. */
  readonly poll?: 'auto' | 'on' | 'off';
  /**
   * A photo, or a picture of a format that is not supported yet, came or changed. Many events within half a second are
   * one call. Eight at most are waited for at once; what is rejected counts as missed.
   */
  readonly onFile: (rawPath: Uint8Array) => unknown;
  /** There is no photo at this path any more: deleted, moved away, or a folder now. Only where the folder is watched. */
  readonly onVanished?: (rawPath: Uint8Array) => unknown;
  /** A full scan is wanted: an hour has passed while scanning, or something may have been missed. */
  readonly onFullScanDue?: (reason: string) => void;
  /** Watching is not possible; this folder is scanned from now on. Called once at most, with the line that was logged. */
  readonly onFallback?: (advice: string) => void;
  readonly log: { info(details: object, message: string): void; warn(details: object, message: string): void };
  readonly timing?: Partial<WatcherTiming>;
  readonly openWatch?: OpenWatch;
  /** Text of /proc/self/mountinfo; empty where there is none. */
  readonly readMounts?: () => Promise<string>;
}

/** All in milliseconds. */
interface WatcherTiming extends PendingTiming {
  readonly rootCheckMs: number;
  readonly quickScanMs: number;
  readonly fullScanMs: number;
}

const defaults: WatcherTiming = {
  quietMs: 500,
  maxWaitMs: 5_000,
  gapMs: 5_000,
  rootCheckMs: 60_000,
  quickScanMs: 60_000,
  fullScanMs: 3_600_000,
};

export interface Watcher {
  /**
   * From here on nothing new goes unnoticed: start the scan of what is already there after it. Rejects with TransientError
   * LibraryUnreadable where the folder is away.
   */
  readonly ready: Promise<void>;
  /** After it nothing is called any more. Waits for the files that were being told. */
  close(): Promise<void>;
}

/** Watches a library's folder, or scans it where watching is not possible (docs/decisions/watcher.md). */
export function createWatcher(options: WatcherOptions): Watcher {
  const { log, root } = options;
  const timing: WatcherTiming = { ...defaults, ...options.timing };
  const tree = createTree({ root, ignored: options.ignored });
  const shared = { tree, log, onFile: options.onFile, onMissed: (reason: string) => fullScan(reason) };
  let native: NativeWatch | undefined;
  let poller: Poller | undefined;
  let scanTimer: NodeJS.Timeout | undefined;
  let falling: Promise<void> | undefined;
  let closed = false;

  const fullScan = (reason: string): void => {
    if (!closed) options.onFullScanDue?.(reason);
  };

  async function scan(): Promise<void> {
    if (closed) return;
    scanTimer = setInterval(() => fullScan('a full scan is due'), timing.fullScanMs).unref();
    poller = createPoller({ ...shared, everyMs: timing.quickScanMs });
    await poller.start();
  }

  async function fallBack(code: string): Promise<void> {
    // What came between the last watch and the first scan is found by a full scan, once the new look-out stands.
    await scan().catch((error: unknown) => log.warn({ root }, String(error)));
    if (closed) return;
    const advice = watchAdvice(code, poller?.folders ?? 0, await readSystemLimits());
    const every = `${timing.quickScanMs / 1000} s`;
    const line = `${root} cannot be watched (${code}): it is scanned for new photos every ${every}. ${advice}.`;
    log.warn({ root, code }, line);
    options.onFallback?.(line);
    fullScan('watching stopped');
  }

  async function start(): Promise<void> {
    const mount = options.poll === 'on' ? undefined : await mountToPoll(options, tree);
    if (options.poll === 'on' || mount !== undefined) {
      if (mount !== undefined)
        log.info(
          { root, ...mount },
          'On a network mount, so it is scanned instead of watched (WATCH_POLL=off watches it)',
        );
      return await scan();
    }
    native = createNativeWatch({
      ...shared,
      timing,
      onLimit: (code) => {
        falling = fallBack(code);
      },
      ...(options.onVanished === undefined ? {} : { onVanished: options.onVanished }),
      ...(options.openWatch === undefined ? {} : { openWatch: options.openWatch }),
    });
    await native.start();
    await falling;
  }

  async function close(): Promise<void> {
    closed = true;
    clearInterval(scanTimer);
    await native?.close();
    // A fall-back under way waits for the poller's first look, which ends with the poller.
    await poller?.close();
    await falling;
  }

  async function startOrClose(): Promise<void> {
    try {
      await start();
    } catch (error) {
      await close();
      throw error;
    }
  }

  return { ready: startOrClose(), close };
}

async function mountToPoll(options: WatcherOptions, { root }: Tree): Promise<Mount | undefined> {
  if (options.poll === 'off') return undefined;
  const readMounts = options.readMounts ?? (() => readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
  const realRoot = await realpath(root).catch(() => root);
  return networkMount(await readMounts(), realRoot);
}
