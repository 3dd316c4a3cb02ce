import { assetAnswer } from './answers.ts';
import type { AssetRow, WorkflowRow } from './rows.ts';
import { atLeast, type State } from './state.ts';
import { z } from 'zod';

const configSchema = z.object({
  url: z.string(),
  method: z.enum(['POST', 'PUT']).default('POST'),
  headerName: z.string().nullish(),
  headerValue: z.string().nullish(),
});

/**
 * Carries out the owner's workflows with a webhook step, once and without looking at the answer (sheet 5.4). Never seen on a
 * live server: which of its fields the asset has there.
 */
export function announce(state: State, trigger: WorkflowRow['trigger'], asset: AssetRow): void {
  if (!atLeast(state, '3.0')) return;
  for (const workflow of state.tables.workflows.values()) {
    if (!workflow.enabled || workflow.trigger !== trigger || workflow.ownerId !== asset.ownerId) continue;
    for (const { method, config, enabled } of workflow.steps) {
      if (method === 'immich-plugin-core#webhook' && enabled !== false) void send(state, trigger, asset, config);
    }
  }
}

async function send(state: State, trigger: string, asset: AssetRow, given: unknown): Promise<void> {
  const config = configSchema.safeParse(given);
  if (!config.success) return;
  const { url, method, headerName, headerValue } = config.data;
  const secret = headerName && headerValue ? { [headerName]: headerValue } : {};
  const shown = assetAnswer(state, asset, { exif: true, people: false, tags: false });
  state.counters.webhooks += 1;
  try {
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...secret },
      body: JSON.stringify({ type: 'AssetV1', trigger, data: { asset: shown } }),
      signal: AbortSignal.timeout(10_000),
    });
    await response.body?.cancel();
  } catch {
    // Nobody there: that job of Immich has failed, and no other one comes (sheet 5.4).
  }
}
