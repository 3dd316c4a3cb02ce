import { z } from 'zod';
import type { HostProbe } from '../../domain/ports.ts';
import type { VisionHost } from '../../domain/vision-host.ts';
import { bodyText, type Connections } from '../vision-http/connections.ts';
import { modelCannotSee, modelMissing, nonsense, parseJson, said, unauthorized } from './faults.ts';
import { networkReason, speaksNoHttp } from '../vision-http/network-faults.ts';

const versionAnswer = z.object({ version: z.string(), simulated: z.boolean().optional() });
const tag = z.object({
  name: z.string().optional(),
  model: z.string().optional(),
  capabilities: z.array(z.string()).optional().catch(undefined),
});
const tagsAnswer = z.object({ models: z.array(tag).nullish() });
const showAnswer = z.object({ capabilities: z.array(z.string()).optional().catch(undefined) });

/** Each of the (at most three) requests gets this long. */
const requestMs = 2_000;
/** A host with a thousand models lists them in about half a megabyte. */
const longestList = 4 * 1_048_576;

type Ask = (method: 'GET' | 'POST', path: string, body?: string) => Promise<{ status: number; text: string }>;

/** Is it there, is it Ollama, has it the model, can the model see? Never throws. */
export async function probe(
  connections: Connections,
  host: VisionHost,
  model: string,
  signal: AbortSignal,
): Promise<HostProbe> {
  const ask: Ask = async (method, path, body) => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(requestMs)]);
    const response = await connections.request(host, { method, path, body, signal: limited });
    return { status: response.statusCode, text: await bodyText(response.body, longestList) };
  };
  try {
    return await look(ask, host.label, model);
  } catch (error) {
    if (speaksNoHttp(error)) {
      return { state: 'nonsense', detail: nonsense(host.label, 'what it sends is no HTTP').message };
    }
    return { state: 'away', detail: timedOut(error) ? `no answer within ${requestMs / 1000} s` : networkReason(error) };
  }
}

async function look(ask: Ask, host: string, model: string): Promise<HostProbe> {
  const version = await ask('GET', '/api/version');
  const refusal = refused(host, version.status);
  if (refusal !== undefined) return refusal;
  const known = versionAnswer.safeParse(parseJson(version.text));
  if (!known.success)
    return { state: 'nonsense', detail: nonsense(host, `${version.status} ${said(version.text)}`).message };
  const tags = await ask('GET', '/api/tags');
  const list = tagsAnswer.safeParse(parseJson(tags.text));
  if (!list.success) {
    return refused(host, tags.status) ?? { state: 'nonsense', detail: nonsense(host, 'it lists no models').message };
  }
  const found = list.data.models?.find((entry) => [entry.name, entry.model].some((name) => sameModel(name, model)));
  if (found === undefined) return { state: 'model-missing', detail: modelMissing(host, model).message };
  const capabilities = found.capabilities ?? (await shownCapabilities(ask, model));
  // Servers before 0.6 list none: then a person's choice of model is trusted.
  return capabilities === undefined || capabilities.includes('vision')
    ? { state: 'ready', simulated: known.data.simulated ?? false }
    : { state: 'cannot-see', detail: modelCannotSee(host, model, `it can do: ${capabilities.join(', ')}`).message };
}

/** Undefined where the host does not say; then the call itself will show it. */
async function shownCapabilities(ask: Ask, model: string): Promise<readonly string[] | undefined> {
  try {
    const { text } = await ask('POST', '/api/show', JSON.stringify({ model }));
    return showAnswer.safeParse(parseJson(text)).data?.capabilities;
  } catch {
    // Reading the head of a large model file may take a busy machine longer than the limit; it is there all the same.
    return undefined;
  }
}

function refused(host: string, status: number): HostProbe | undefined {
  if (status === 401 || status === 403 || status === 407) {
    return { state: 'unauthorized', detail: unauthorized(host, status).message };
  }
  // A proxy in front of a host that is off or starting.
  if (status >= 502 && status <= 504) return { state: 'away', detail: `what stands before it says ${status}` };
  return undefined;
}

/** Names without a tag mean `:latest`; Ollama compares names without regard to case. */
export const sameModel = (a: string | undefined, b: string): boolean => a !== undefined && full(a) === full(b);

function full(name: string): string {
  const lower = name.toLowerCase();
  return lower.slice(lower.lastIndexOf('/') + 1).includes(':') ? lower : `${lower}:latest`;
}

const timedOut = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError';
