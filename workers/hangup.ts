import { isatty } from 'node:tty';

export interface HangupDeps {
  /** A service manager, `darkroom hosts reload` or a person sent the signal. */
  readonly onReload: () => void;
  /** The terminal that we were started from is closed. */
  readonly onGone: () => void;
  /** Is this file descriptor a terminal that is still there? */
  readonly isTerminal?: (fd: number) => boolean;
  /** Some terminals send the signal a moment before they go away. */
  readonly lookAgainMs?: number;
}

const standardStreams = [0, 1, 2];

/**
 * What SIGHUP means. The system sends it when a terminal is closed, and by custom it tells a service to read its settings
 * again. The two are told apart by looking: a closed terminal is none any more (docs/decisions/reload.md). Make this at the
 * start, while the terminal is there, and call what it returns on every SIGHUP.
 */
export function createHangup({ onReload, onGone, isTerminal = isatty, lookAgainMs = 1_000 }: HangupDeps): () => void {
  const ours = standardStreams.filter(isTerminal);
  const isGone = () => ours.some((fd) => !isTerminal(fd));
  return () => {
    if (isGone()) return onGone();
    onReload();
    if (ours.length > 0) setTimeout(() => isGone() && onGone(), lookAgainMs).unref();
  };
}
