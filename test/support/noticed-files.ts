import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { createWatcher, type WatcherOptions } from '../../adapters/folder/watcher.ts';
import { showPath } from '../../domain/paths.ts';

export interface NoticedFiles {
  /** Shown paths in the order of their calls. */
  readonly paths: readonly string[];
  readonly scans: readonly string[];
  readonly warnings: readonly string[];
  readonly fallbacks: readonly string[];
  /** Waits until the condition holds; the test's own time limit ends it where it never does. */
  readonly until: (holds: () => boolean) => Promise<void>;
  readonly forget: () => void;
  readonly close: () => Promise<void>;
}

/** A watcher on a real folder that has its first look behind it, and what it told. Times are a tenth of the real ones. */
export async function noticedFiles(
  t: TestContext,
  root: string,
  options: Partial<WatcherOptions> = {},
): Promise<NoticedFiles> {
  const paths: string[] = [];
  const scans: string[] = [];
  const warnings: string[] = [];
  const fallbacks: string[] = [];
  const watcher = createWatcher({
    root,
    ignored: createIgnored({ root }),
    onFile: (rawPath) => void paths.push(showPath(rawPath)),
    onFullScanDue: (reason) => void scans.push(reason),
    onFallback: (line) => void fallbacks.push(line),
    log: { info: () => undefined, warn: (_, message) => void warnings.push(message) },
    ...options,
    timing: { quietMs: 50, maxWaitMs: 500, gapMs: 100, rootCheckMs: 50, quickScanMs: 50, ...options.timing },
  });
  t.after(() => watcher.close());
  await watcher.ready;
  return {
    paths,
    scans,
    warnings,
    fallbacks,
    until: async (holds) => {
      while (!holds()) await sleep(10, undefined, { signal: t.signal });
    },
    forget: () => void (paths.length = 0),
    close: () => watcher.close(),
  };
}
