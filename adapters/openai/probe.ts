import type { HostProbe } from '../../domain/host-ports.ts';
import type { VisionHost } from '../../domain/vision-host.ts';
import { type Ask, asking, probing, refused } from '../vision-http/ask.ts';
import type { Connections } from '../vision-http/connections.ts';
import { inWords, parseJson } from '../vision-http/error-text.ts';
import { modelCannotSee, modelMissing, nonsense } from '../vision-http/faults.ts';
import { apiPath, serverPath } from './base-path.ts';
import type { Server } from './chat.ts';
import { openaiKind } from './kind.ts';
import { findModel, type ListedModel, modelList, propsAnswer } from './model-list.ts';

/** Is it there, has it the model, can the model see? Never throws. `learn` is told what kind of server it is. */
export const probe = async (
  connections: Connections,
  host: VisionHost,
  { model, signal, learn }: { model: string; signal: AbortSignal; learn: (server: Server) => void },
): Promise<HostProbe> =>
  await probing(openaiKind, host.label, async () => await look(asking(connections, host, signal), host, model, learn));

async function look(ask: Ask, host: VisionHost, model: string, learn: (server: Server) => void): Promise<HostProbe> {
  const { label } = host;
  const answered = await ask('GET', apiPath(host, '/models'));
  const listed = modelList(parseJson(answered.text));
  if (answered.status !== 200 || listed === undefined) {
    const what = `${answered.status} ${inWords(answered.text)}`;
    return (
      refused(openaiKind, label, answered) ?? { state: 'nonsense', detail: nonsense(openaiKind, label, what).message }
    );
  }
  const owner = listed[0]?.owner;
  const server = owner === 'llamacpp' || owner === 'vllm' ? owner : undefined;
  learn(server);
  const found = findModel(listed, model);
  if (found === undefined) return { state: 'model-missing', detail: missing(label, model, listed) };
  const blind = await whyBlind(ask, host, found);
  if (blind !== undefined) return { state: 'cannot-see', detail: modelCannotSee(label, model, blind).message };
  // llama.cpp answers 503 to everything until its model is loaded.
  const loaded = found.loaded ?? (server === 'llamacpp' ? true : undefined);
  return { state: 'ready', simulated: answered.simulated, ...(loaded === undefined ? {} : { loaded }) };
}

const mostNamed = 5;

function missing(host: string, model: string, listed: readonly ListedModel[]): string {
  const names = listed.slice(0, mostNamed).map(({ id }) => id);
  const more = listed.length > mostNamed ? ` and ${listed.length - mostNamed} more` : '';
  const has = listed.length === 0 ? 'It lists none.' : `It lists ${names.join(', ')}${more}.`;
  return `${modelMissing(openaiKind, host, model).message} ${has}`;
}

/** Why the model cannot look at pictures, in words; undefined where it can, or where the host does not say. */
async function whyBlind(ask: Ask, host: VisionHost, found: ListedModel): Promise<string | undefined> {
  if (found.takes !== undefined && !found.takes.includes('image')) return `it takes: ${found.takes.join(', ')}`;
  if (found.owner !== 'llamacpp') return undefined;
  const sees = await shownVision(ask, host, found.id);
  const can = found.capabilities;
  if (sees === false || (sees === undefined && can !== undefined && !can.includes('multimodal'))) {
    return 'llama.cpp needs the --mmproj file of the model to see';
  }
  return undefined;
}

/** Undefined where the server does not say, as old ones do not. */
async function shownVision(ask: Ask, host: VisionHost, model: string): Promise<boolean | undefined> {
  try {
    const { text } = await ask('GET', serverPath(host, `/props?model=${encodeURIComponent(model)}`));
    return propsAnswer.safeParse(parseJson(text)).data?.modalities?.vision;
  } catch {
    return undefined;
  }
}
