import { z } from 'zod';
import type { HostProbe } from '../../domain/host-ports.ts';
import type { VisionHost } from '../../domain/vision-host.ts';
import { type Answered, type Ask, asking, probing, refused } from '../vision-http/ask.ts';
import { type Connections, hostPath } from '../vision-http/connections.ts';
import { inWords, parseJson } from '../vision-http/error-text.ts';
import { modelCannotSee, modelMissing, nonsense } from '../vision-http/faults.ts';
import { ollamaKind } from './kind.ts';
import { askLoaded, sameModel } from './loaded.ts';

const versionAnswer = z.object({ version: z.string(), simulated: z.boolean().optional() });
const tag = z.object({
  name: z.string().optional(),
  model: z.string().optional(),
  capabilities: z.array(z.string()).optional().catch(undefined),
});
const tagsAnswer = z.object({ models: z.array(tag).nullish() });
const showAnswer = z.object({ capabilities: z.array(z.string()).optional().catch(undefined) });

/** Is it there, is it Ollama, has it the model, can the model see, is it loaded? Four questions at most. Never throws. */
export const probe = async (
  connections: Connections,
  host: VisionHost,
  model: string,
  signal: AbortSignal,
): Promise<HostProbe> =>
  await probing(ollamaKind, host.label, async () => await look(asking(connections, host, signal), host, model));

async function look(ask: Ask, host: VisionHost, model: string): Promise<HostProbe> {
  const { label } = host;
  const version = await ask('GET', hostPath(host, '/api/version'));
  const known = versionAnswer.safeParse(parseJson(version.text)).data;
  if (known === undefined) return strange(label, version, `${version.status} ${inWords(version.text)}`);
  const tags = await ask('GET', hostPath(host, '/api/tags'));
  const list = tagsAnswer.safeParse(parseJson(tags.text)).data;
  if (list === undefined) return strange(label, tags, 'it lists no models');
  const found = list.models?.find((entry) => [entry.name, entry.model].some((name) => sameModel(name, model)));
  if (found === undefined) return { state: 'model-missing', detail: modelMissing(ollamaKind, label, model).message };
  const capabilities = found.capabilities ?? (await shownCapabilities(ask, host, model));
  // Servers before 0.6 list none: then a person's choice of model is trusted.
  if (capabilities !== undefined && !capabilities.includes('vision')) {
    const what = `it can do: ${capabilities.join(', ')}`;
    return { state: 'cannot-see', detail: modelCannotSee(label, model, what).message };
  }
  const loaded = await askLoaded(ask, hostPath(host, '/api/ps'), model);
  return { state: 'ready', simulated: known.simulated ?? false, ...(loaded === undefined ? {} : { loaded }) };
}

const strange = (host: string, answered: Answered, what: string): HostProbe =>
  refused(ollamaKind, host, answered) ?? { state: 'nonsense', detail: nonsense(ollamaKind, host, what).message };

/** Undefined where the host does not say; then the call itself will show it. */
async function shownCapabilities(ask: Ask, host: VisionHost, model: string): Promise<readonly string[] | undefined> {
  try {
    const { text } = await ask('POST', hostPath(host, '/api/show'), JSON.stringify({ model }));
    return showAnswer.safeParse(parseJson(text)).data?.capabilities;
  } catch {
    // Reading the head of a large model file may take a busy machine longer than the limit; it is there all the same.
    return undefined;
  }
}
