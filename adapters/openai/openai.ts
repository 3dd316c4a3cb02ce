import type { VisionClient } from '../vision-http/client.ts';
import type { Connections } from '../vision-http/connections.ts';
import { chat, type Server } from './chat.ts';
import { probe } from './probe.ts';

/** The API of OpenAI, as llama.cpp, vLLM, LM Studio, OpenRouter and many others have it. */
export function createOpenai(connections: Connections): VisionClient {
  const servers = new Map<string, Server>();
  return {
    describe: (host, call) => chat(connections, host, call, servers.get(host.label)),
    probe: (host, model, signal) =>
      probe(connections, host, { model, signal, learn: (server) => servers.set(host.label, server) }),
    /** There is no such request: these servers have their model loaded, or load it with the first call. */
    load: async () => {},
  };
}
