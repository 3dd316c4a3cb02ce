import { setTimeout as sleep } from 'node:timers/promises';
import { isDomainError } from '../../domain/errors.ts';
import { createOutput, type Output } from '../output.ts';
import { heldBackLines, progressLine } from '../progress-line.ts';
import { firstLookNews } from '../immich/now.ts';
import { statusAsJson, type StatusNow, statusNow, type StatusSources } from '../status-now.ts';
import { printStatus } from './status.ts';

export interface Watching {
  readonly json: boolean;
  /** Lines of the terminal, which is redrawn; absent for a pipe, which gets lines. */
  readonly rows: (() => number) | undefined;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  /** Is the `darkroom up` that is watched still there? */
  readonly isRunning: () => Promise<boolean>;
  readonly everyMs?: number;
}

const home = '\u001B[H';
const toLineEnd = '\u001B[K';
const belowAway = '\u001B[J';
const allAway = '\u001B[2J';

/**
 * The status again and again, until the signal or until nothing runs any more. In a terminal all of it is drawn over what was
 * there, without a flicker; in a pipe there is a line for each library and each reason when it has changed, and for programs
 * one line of JSON.
 */
export async function watchStatus(opened: StatusSources, out: Output, watching: Watching): Promise<void> {
  const { json, rows, signal, isRunning, everyMs = 2_000 } = watching;
  const show = rows !== undefined && !json ? redraw(out, rows) : tellNews(out, json);
  while (!signal.aborted) {
    try {
      show(await statusNow(opened));
    } catch (error) {
      if (signal.aborted) return;
      if (!isDomainError(error) || !(await isRunning())) throw error;
      show(error.message);
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** What was seen, or why nothing can be seen. */
type Seen = StatusNow | string;

function redraw(out: Output, rows: () => number): (seen: Seen) => void {
  let isFirst = true;
  return (seen) => {
    const parts: string[] = [];
    const screen = createOutput({ write: (text) => parts.push(text), columns: out.columns });
    if (typeof seen === 'string') screen.line(seen);
    else printStatus(seen, screen);
    // One line is the cursor's. What is cut off is what comes last: hosts and libraries stay.
    const lines = parts
      .join('')
      .split('\n')
      .slice(0, -1)
      .slice(0, Math.max(1, rows() - 1));
    out.line(`${isFirst ? allAway : ''}${home}${lines.map((line) => `${line}${toLineEnd}`).join('\n')}${belowAway}`);
    isFirst = false;
  };
}

function tellNews(out: Output, json: boolean): (seen: Seen) => void {
  let last = new Set<string>();
  return (seen) => {
    const lines = linesOf(seen, json);
    for (const line of lines) if (!last.has(line)) out.line(line);
    last = new Set(lines);
  };
}

function linesOf(seen: Seen, json: boolean): string[] {
  if (typeof seen === 'string') return [json ? JSON.stringify({ trouble: seen }) : seen];
  if (json) return [JSON.stringify(statusAsJson(seen))];
  const { pauses, backfills, lack, libraries, immichs } = seen;
  const looking = new Set(immichs.filter(({ firstLook }) => firstLook === 'shown').map(({ name }) => name));
  const held = heldBackLines(libraries.filter(({ name, heldBack }) => heldBack !== lack && !looking.has(name)));
  return [
    ...firstLookNews(immichs),
    ...pauses.lines,
    ...backfills.lines,
    ...(lack === undefined ? [] : [lack]),
    ...held,
    ...libraries.map((one) => progressLine(one, seen)),
  ];
}
