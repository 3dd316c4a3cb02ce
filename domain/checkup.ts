/** One thing that `doctor` looked at. `todo` says what to do, where something is to be done. */
export interface Finding {
  readonly about: string;
  readonly level: 'ok' | 'note' | 'wrong' | 'away';
  readonly detail: string;
  readonly todo?: string;
}

/** 0 all well · 1 something is wrong · 3 something outside is not reachable. */
export function exitCodeOfFindings(findings: readonly Finding[]): number {
  if (findings.some(({ level }) => level === 'wrong')) return 1;
  return findings.some(({ level }) => level === 'away') ? 3 : 0;
}
