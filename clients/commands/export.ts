import { once } from 'node:events';
import { csvHeader, csvLine, jsonLine } from '../../domain/export-format.ts';
import type { Opened } from '../open.ts';

/** Every description, one line each, as it is read: nothing is gathered in memory. A reader that ends early ends it. */
export async function exportDescriptions(
  { queries }: Opened,
  stream: NodeJS.WritableStream,
  { format, library, signal }: { format: 'jsonl' | 'csv'; library: string | undefined; signal: AbortSignal },
): Promise<void> {
  if (format === 'csv') stream.write(csvHeader);
  for await (const row of queries.exportRows({ signal, ...(library !== undefined && { library }) })) {
    if (!stream.write(format === 'csv' ? csvLine(row) : jsonLine(row))) await once(stream, 'drain', { signal });
  }
}
