import { exitCodeOfFindings, type Finding } from '../../domain/checkup.ts';
import type { Output } from '../output.ts';
import { wrapped } from '../output.ts';

const marks = { ok: 'ok   ', note: 'note ', wrong: 'WRONG', away: 'AWAY ' } as const;

/** Runs the checks one after the other, prints each as it ends, and returns the exit code. A check that throws is a finding. */
export async function doctor(
  checks: readonly { readonly about: string; readonly look: () => Promise<readonly Finding[]> }[],
  out: Output,
  { json }: { json: boolean },
): Promise<number> {
  const findings: Finding[] = [];
  for (const { about, look } of checks) {
    const found = await look().catch((error: unknown): Finding[] => [
      { about, level: 'wrong', detail: error instanceof Error ? error.message : String(error) },
    ]);
    findings.push(...found);
    if (!json) for (const finding of found) printFinding(finding, out);
  }
  const exitCode = exitCodeOfFindings(findings);
  if (json) out.json({ exitCode, findings });
  else out.line(exitCode === 0 ? '\nAll well.' : '\nSomething needs you: see above.');
  return exitCode;
}

/** One finding with what to do, in the width that there is. */
export function printFinding({ about, level, detail, todo }: Finding, out: Output): void {
  const [first = '', ...rest] = wrapped(`${about}: ${detail}`, out.columns - 6);
  out.line(`${marks[level]} ${first}`);
  for (const line of [...rest, ...(todo === undefined ? [] : wrapped(`→ ${todo}`, out.columns - 6))])
    out.line(`      ${line}`);
}
