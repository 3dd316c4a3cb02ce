import type { VisionCall } from '../../domain/host-ports.ts';
import type { VisionHost } from '../../domain/vision-host.ts';
import { asking } from '../vision-http/ask.ts';
import type { VisionClient } from '../vision-http/client.ts';
import { type Connections, hostPath } from '../vision-http/connections.ts';
import { chat } from './chat.ts';
import { keepsNothing, load } from './load.ts';
import { askLoaded } from './loaded.ts';
import { probe } from './probe.ts';

/** Ollama unloads a model after five minutes without work, where nobody says otherwise. */
const warmMs = 4 * 60_000;

/**
 * Ollama's native API. Before the first call, and after a pause, the model is loaded by a request of its own: loading may
 * take half an hour, and the limits of a call count from its beginning.
 */
export function createOllama(connections: Connections): VisionClient {
  const answeredAt = new Map<string, number>();
  const warmUp = async (host: VisionHost, key: string, { model, recipe, signal }: VisionCall) => {
    const last = answeredAt.get(key);
    if ((last !== undefined && performance.now() - last < warmMs) || keepsNothing(host.keepAlive)) return;
    const loaded = await askLoaded(asking(connections, host, signal), hostPath(host, '/api/ps'), model);
    if (loaded === false) await load(connections, { host, model, numCtx: recipe.numCtx, signal });
  };
  return {
    async describe(host, call) {
      call.signal.throwIfAborted();
      const key = `${host.label} ${call.model}`;
      await warmUp(host, key, call);
      const description = await chat(connections, host, call);
      answeredAt.set(key, performance.now());
      return description;
    },
    probe: (host, model, signal) => probe(connections, host, model, signal),
    load: (host, model, numCtx, signal) => load(connections, { host, model, numCtx, signal }),
  };
}
