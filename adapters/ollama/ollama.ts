import type { VisionClient } from '../vision-http/client.ts';
import type { Connections } from '../vision-http/connections.ts';
import { chat } from './chat.ts';
import { load } from './load.ts';
import { probe } from './probe.ts';

/** Ollama's native API. */
export const createOllama = (connections: Connections): VisionClient => ({
  describe: (host, call) => chat(connections, host, call),
  probe: (host, model, signal) => probe(connections, host, model, signal),
  load: (host, model, signal) => load(connections, host, model, signal),
});
