import type { VisionModel } from '../domain/host-ports.ts';
import type { VisionHost } from '../domain/vision-host.ts';
import { createOllama } from './ollama/ollama.ts';
import { createOpenai } from './openai/openai.ts';
import { createConnections } from './vision-http/connections.ts';

export interface VisionHosts extends VisionModel {
  /** From now on these hosts can be called. Calls under way to others go on to their end. */
  update(hosts: readonly VisionHost[]): void;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

/** Every vision host behind one port, whatever it speaks. Throws Error for a host that was never named to it. */
export function createVisionHosts(hosts: readonly VisionHost[]): VisionHosts {
  const known = new Map<string, VisionHost>();
  const connections = createConnections();
  const update = (now: readonly VisionHost[]) => {
    for (const host of now) known.set(host.label, host);
  };
  update(hosts);
  const clients = { ollama: createOllama(connections), openai: createOpenai(connections) };
  const find = (label: string) => {
    const host = known.get(label);
    if (host === undefined) throw new Error(`${label} is not one of the vision hosts.`);
    return { host, client: clients[host.api] };
  };
  return {
    update,
    describe(call) {
      const { host, client } = find(call.host);
      return client.describe(host, call);
    },
    probe(label, model, signal) {
      const { host, client } = find(label);
      return client.probe(host, model, signal);
    },
    load(label, model, numCtx, signal) {
      const { host, client } = find(label);
      return client.load(host, model, numCtx, signal);
    },
    close: () => connections.close(),
  };
}
