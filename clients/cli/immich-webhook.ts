import { UsageError } from '../usage-error.ts';
import type { Common, Shell } from './shell.ts';

/** `darkroom immich webhook <action> [library]`. */
export async function webhook(
  { running, out, interrupted: signal }: Shell,
  words: readonly (string | undefined)[],
  options: Common,
): Promise<void> {
  const { immichWebhook, webhookActions } = await import('../commands/immich-webhook.ts');
  const { openImmichWebhooks } = await import('../../adapters/immich-webhooks.ts');
  const { immichAccess } = await import('../../runtime/immich-settings.ts');
  const [said, name] = words;
  const action = webhookActions.find((one) => one === said);
  if (action === undefined) throw new UsageError(`Say what to do: darkroom immich webhook ${webhookActions.join('|')}`);
  await running(options, async ({ run, settings, immich }) => {
    const webhooksOf = ({ keySha }: { keySha: string }) => openImmichWebhooks(immichAccess(settings), keySha);
    const json = options.json ?? false;
    await immichWebhook({ run, settings, immich, webhooksOf }, out, { action, name, json, signal });
  });
}
