import { assetWorkflowId } from '../../domain/paths.ts';
import { sha256 } from '../../runtime/sha256.ts';
import type { Opened } from '../open.ts';
import { aligned, type Output } from '../output.ts';
import { fit } from '../progress-line.ts';

/** What became of every picture: description, host, page in the Web UI; then who did how much, and what is parked. */
export async function printTable(opened: Opened, out: Output): Promise<void> {
  const { queries } = opened;
  const rows: string[][] = [];
  for await (const { path, description, host, library } of queries.exportRows()) {
    const page = opened.pageOf(assetWorkflowId(library, Buffer.from(path), sha256)) ?? '';
    rows.push([path, fit(description, 70), host.replace(/^https?:\/\//, ''), page]);
  }
  out.line();
  for (const line of aligned([['photo', 'description', 'host', 'Web UI'], ...rows], 72)) out.line(line);
  out.line();
  for (const { host, calls, totalMs, simulated } of await queries.hostTotals()) {
    out.line(
      `${host}${simulated ? ' SIMULATED' : ''}: ${calls} described, ${(totalMs / calls / 1000).toFixed(1)} s each`,
    );
  }
  for (const { code, count, reason, example } of await queries.parkedByCode()) {
    out.line(`parked: ${count} ${code}, ${example.path}: ${reason}`);
  }
}
