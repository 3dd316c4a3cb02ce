/** Where a command writes. In a pipe there is no colour and no width. */
export interface Output {
  line(text?: string): void;
  json(value: unknown): void;
  readonly columns: number;
}

export const createOutput = (
  stream: { write(text: string): unknown; readonly columns?: number },
  fallbackColumns = 100,
): Output => ({
  line: (text = '') => void stream.write(`${text}\n`),
  json: (value) => void stream.write(`${JSON.stringify(value, undefined, 2)}\n`),
  columns: stream.columns ?? fallbackColumns,
});

/** 12345 as 12,345. */
export const grouped = (count: number): string => count.toLocaleString('en-US');

/** Two columns, the first one as wide as its longest cell (at most `most`). */
export function aligned(rows: readonly (readonly string[])[], most = 60): string[] {
  const widths = rows.reduce<number[]>(
    (sum, row) => row.map((cell, at) => Math.min(most, Math.max(sum[at] ?? 0, cell.length))),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** Text broken at spaces to `columns`, each line indented. What fits keeps its own spaces: it may be a row of a table. */
export function wrapped(text: string, columns: number, indent = ''): string[] {
  if (text.length > 0 && indent.length + text.length <= columns && !text.includes('\n')) return [indent + text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent.length + line.length + word.length + 1 > columns) {
      lines.push(indent + line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, indent + line];
}
