import { treeOf, usageOf } from '../processes.ts';
import { startYardstick } from './yardstick.ts';

/** The rate at a mark is that of this many photos before it. */
const stretch = 1_000;

/** Of this process and all below it: Temporal, Postgres, and the yardstick with 2 % of a core. */
const cpuNow = (): number => usageOf(treeOf(process.pid)).cpuMs;

/** Watches one run at its marks, which are numbers of photos that are done. */
export function watchAlong(marks: readonly number[]) {
  const yardstick = startYardstick();
  const doneAt: number[] = [];
  const cpuMs = new Map<number, number>();
  const peakMb = new Map<number, number>();
  const referenceMs = new Map<number, number>();
  let began = Number.NaN;
  let peak = 0;
  const sampling = setInterval(() => (peak = Math.max(peak, usageOf([process.pid]).pssMb)), 250);
  const startOf = (mark: number): number => (mark <= stretch ? began : (doneAt[mark - stretch - 1] ?? Number.NaN));
  const each = (of: (mark: number) => number) => Object.fromEntries(marks.map((mark) => [mark, of(mark)]));
  const at = (values: ReadonlyMap<number, number>, mark: number): number => values.get(mark) ?? Number.NaN;
  return {
    begin(): void {
      cpuMs.set(0, cpuNow());
      began = performance.now();
    },
    /** A photo is done. */
    onEnd(): void {
      const done = doneAt.push(performance.now());
      if (marks.includes(done) || marks.includes(done + stretch)) cpuMs.set(done, cpuNow());
      if (!marks.includes(done)) return;
      peakMb.set(done, peak);
      referenceMs.set(done, yardstick.since(startOf(done)));
    },
    done: () => doneAt.length,
    end(): void {
      clearInterval(sampling);
      yardstick.stop();
    },
    figures: () => ({
      seconds: ((doneAt.at(-1) ?? began) - began) / 1_000,
      assetsPerSecond: each(
        (mark) => (Math.min(mark, stretch) / ((doneAt[mark - 1] ?? Number.NaN) - startOf(mark))) * 1_000,
      ),
      cpuMsPerAsset: each(
        (mark) => (at(cpuMs, mark) - at(cpuMs, Math.max(0, mark - stretch))) / Math.min(mark, stretch),
      ),
      referenceMs: each((mark) => at(referenceMs, mark)),
      peakMb: each((mark) => at(peakMb, mark)),
    }),
  };
}
