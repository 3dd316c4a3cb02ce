import { readdirSync, readFileSync } from 'node:fs';

/** What all processes of one program use, read from /proc: only on Linux. */
export interface Usage {
  /** CPU milliseconds so far, of processes that are alive; the dead are counted by their parents. */
  readonly cpuMs: number;
  /** Proportional set size in MB: shared memory is counted once, not once per process. */
  readonly pssMb: number;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

const clockTicksPerSecond = 100;

function processes(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return [{ pid: Number(name), parent, command }];
    } catch {
      return [];
    }
  });
}

/** The processes below `root`, itself included, that `isCounted` accepts. */
export function treeOf(root: number, isCounted: (command: string) => boolean = () => true): number[] {
  const all = processes();
  const found = new Set([root]);
  for (let grown = true; grown;) {
    grown = false;
    for (const { pid, parent } of all) {
      if (found.has(parent) && !found.has(pid)) {
        found.add(pid);
        grown = true;
      }
    }
  }
  return all.filter(({ pid, command }) => found.has(pid) && isCounted(command)).map(({ pid }) => pid);
}

export function usageOf(pids: readonly number[]): Usage {
  let cpuMs = 0;
  let pssMb = 0;
  for (const pid of pids) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // utime, stime, and those of children that ended: fields 14 to 17.
      const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
      cpuMs += (ticks * 1000) / clockTicksPerSecond;
      const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
      pssMb += Number(pss?.[1] ?? 0) / 1024;
    } catch {
      // It ended between the two looks.
    }
  }
  return { cpuMs, pssMb };
}
