import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const lineSchema = z.discriminatedUnion('kind', [
  /** Written before the first byte of the answer is sent. `picture`: SHA-256 of the JPEG as it came. */
  z.object({ kind: z.literal('begin'), at: z.number(), id: z.string(), picture: z.string(), text: z.string() }),
  z.object({ kind: z.literal('end'), at: z.number(), id: z.string(), whole: z.boolean() }),
]);
type LogLine = z.infer<typeof lineSchema>;

/** One call as its host wrote it down. Times in milliseconds since 1970. */
export interface LoggedCall {
  readonly id: string;
  readonly host: string;
  readonly at: number;
  readonly picture: string;
  /** Empty where the host was told to refuse. */
  readonly text: string;
  /** Absent where the host was killed in the middle. */
  readonly ended?: { readonly at: number; readonly whole: boolean };
}

/** A line is in the file when this returns, and survives a kill -9 of whoever wrote it. */
export function noteCall(file: string, line: LogLine): void {
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

export function readCalls(host: string, file: string): LoggedCall[] {
  const calls = new Map<string, LoggedCall>();
  for (const text of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
    if (text === '') continue;
    const line = lineSchema.parse(JSON.parse(text));
    if (line.kind === 'begin') {
      const { id, at, picture, text: answer } = line;
      calls.set(id, { id, host, at, picture, text: answer });
      continue;
    }
    const begun = calls.get(line.id);
    if (begun !== undefined) calls.set(line.id, { ...begun, ended: { at: line.at, whole: line.whole } });
  }
  return [...calls.values()];
}
