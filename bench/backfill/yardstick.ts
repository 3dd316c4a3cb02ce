import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Yardstick {
  /** CPU milliseconds of the piece of work since this moment of `performance.now()`, the median; NaN where there was none. */
  since(moment: number): number;
  stop(): void;
}

const program = fileURLToPath(new URL('./yardstick-child.ts', import.meta.url));

/**
 * How fast a core is from second to second while a bench runs: a machine whose cores are shared with others slows down and
 * hurries up by a third, and what was measured meanwhile with it. In a process of its own, whose memory nobody counts.
 */
export function startYardstick(): Yardstick {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const samples: { readonly at: number; readonly ms: number }[] = [];
  createInterface(child.stdout).on('line', (line) => samples.push({ at: performance.now(), ms: Number(line) }));
  return {
    since(moment) {
      const ms = samples.filter(({ at }) => at >= moment).map((sample) => sample.ms);
      return ms.toSorted((a, b) => a - b)[Math.floor(ms.length / 2)] ?? Number.NaN;
    },
    stop: () => void child.kill(),
  };
}
