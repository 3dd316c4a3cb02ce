import type { Output } from '../output.ts';

/** What a command tells programs (`--json`), and its exit code: routes that do what a command does answer with the same. */
export async function captured(
  command: (out: Output) => Promise<number | void>,
): Promise<{ readonly json: unknown; readonly exitCode: number }> {
  let json: unknown;
  const exitCode = await command({ line: () => undefined, json: (value) => void (json = value), columns: 100 });
  return { json, exitCode: exitCode ?? 0 };
}
