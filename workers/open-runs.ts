import type { Client } from '@temporalio/client';
import { assetWorkflowId } from '../domain/paths.ts';
import type { MissingPhoto } from '../domain/reconcile.ts';
import { sha256 } from '../runtime/sha256.ts';

/** Ids in one question: at most 255 characters each. */
const idsAtOnce = 50;

/**
 * Whose run is open, by visibility, which is a moment behind: for economy only. Whoever starts the others is told of an
 * open run anyway; so ids that cannot be written in a query are left out of the answer.
 */
export function createOpenAmong(client: Client, limitMs = 20_000) {
  return async (photos: readonly MissingPhoto[]): Promise<ReadonlySet<string>> => {
    const keys = new Map(photos.map(({ asset, rawPath }) => [idOf(asset.library, rawPath), asset.assetId]));
    const ids = [...keys.keys()].filter(canBeAskedFor);
    const open = new Set<string>();
    for (let at = 0; at < ids.length; at += idsAtOnce) {
      const asked = ids
        .slice(at, at + idsAtOnce)
        .map(quoted)
        .join(', ');
      const query = `ExecutionStatus = 'Running' AND WorkflowId IN (${asked})`;
      await client.withDeadline(Date.now() + limitMs, async () => {
        for await (const { workflowId } of client.workflow.list({ query })) {
          const assetId = keys.get(workflowId);
          if (assetId !== undefined) open.add(assetId);
        }
      });
    }
    return open;
  };
}

const idOf = (library: string, rawPath: Uint8Array): string => assetWorkflowId(library, rawPath, sha256);

/** Server 1.32 finds no id with a double quote or a backslash, however they are escaped (tried: six ways). */
const canBeAskedFor = (id: string): boolean => !/["\\]/.test(id);

/** As a text in a query to visibility, which reads it like SQL. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
