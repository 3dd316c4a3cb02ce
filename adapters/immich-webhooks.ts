import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ImmichAccess } from './immich-ways.ts';
import { openImmichApi } from './immich/library.ts';
import { createWebhookWorkflows, type WebhookWorkflows } from './immich/webhook-workflow.ts';

export interface OpenWebhooks extends WebhookWorkflows {
  close(): Promise<void>;
}

/**
 * The webhooks in the account of the user whose key has this hash (`keySha` of ImmichRecord); undefined where none of the keys
 * has, or where Immich is reached by its database. Asks the server nothing.
 */
export async function openImmichWebhooks(
  { apiUrl, keys, caFile, insecure, database }: ImmichAccess,
  keySha: string,
): Promise<OpenWebhooks | undefined> {
  const key = keys.find((one) => createHash('sha256').update(one).digest('hex') === keySha);
  if (apiUrl === undefined || key === undefined || database !== undefined) return undefined;
  const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8');
  const api = openImmichApi({ apiUrl, key, insecure, ...(ca !== undefined && { ca }) });
  return { ...createWebhookWorkflows(api), close: () => api.close() };
}
