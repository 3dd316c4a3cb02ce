import { createInterface } from 'node:readline/promises';

/** One line on the error stream that is written over, an empty one takes it away; only where somebody watches. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

/** A question whose answer is yes or no, no by itself; undefined where nobody sits there. Ctrl-C means no. */
export function asker(interrupted: AbortSignal): ((question: string) => Promise<boolean>) | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const stop = new AbortController();
    // A terminal in the hands of readline sends no signal: it tells readline, and closing means no.
    lines.once('SIGINT', () => stop.abort());
    lines.once('close', () => stop.abort());
    try {
      const answer = await lines.question(`${question} [y/N] `, {
        signal: AbortSignal.any([interrupted, stop.signal]),
      });
      return /^y(es)?$/i.test(answer.trim());
    } catch {
      process.stderr.write('\n');
      return false;
    } finally {
      lines.close();
    }
  };
}
