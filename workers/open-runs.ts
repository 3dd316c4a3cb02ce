import type { Client } from '@temporalio/client';
import { assetWorkflowId } from '../domain/paths.ts';
import type { MissingPhoto } from '../domain/reconcile.ts';
import { sha256 } from '../runtime/sha256.ts';

/** Ids in one question: at most 255 characters each. */
const idsAtOnce = 50;

/** Whose run is open, by visibility, which is a moment behind: for economy only, never for deciding that one may be doubled. */
export function createOpenAmong(client: Client, limitMs = 20_000) {
  return async (photos: readonly MissingPhoto[]): Promise<ReadonlySet<string>> => {
    const open = new Set<string>();
    for (let at = 0; at < photos.length; at += idsAtOnce) {
      const asked = new Map(
        photos.slice(at, at + idsAtOnce).map((photo) => [workflowIdOf(photo), photo.asset.assetId]),
      );
      const query = `ExecutionStatus = 'Running' AND WorkflowId IN (${[...asked.keys()].map(quoted).join(', ')})`;
      await client.withDeadline(Date.now() + limitMs, async () => {
        for await (const { workflowId } of client.workflow.list({ query })) {
          const assetId = asked.get(workflowId);
          if (assetId !== undefined) open.add(assetId);
        }
      });
    }
    return open;
  };
}

const workflowIdOf = ({ asset, rawPath }: MissingPhoto): string => assetWorkflowId(asset.library, rawPath, sha256);

/** As a text in a query to visibility, which reads it like SQL. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
