import type { VisionModel } from '../../domain/ports.ts';
import { chat } from './chat.ts';
import { createConnections } from './connections.ts';
import { probe } from './probe.ts';

export interface OllamaOptions {
  readonly firstByteMs?: number;
  readonly idleMs?: number;
  readonly overallMs?: number;
  readonly connectMs?: number;
  /** Bearer token for hosts behind a proxy. */
  readonly token?: string;
  /** The configured base URLs. A host with a user and password in its URL is then called with them by its bare address. */
  readonly hosts?: readonly string[];
}

/** Client of Ollama's native API for any number of hosts. Call `close` at the end; it breaks off calls in flight. */
export function createOllama(options: OllamaOptions = {}): VisionModel & { close(): Promise<void> } {
  const { firstByteMs = 600_000, idleMs = 60_000, overallMs = 1_800_000, connectMs = 5_000 } = options;
  const connections = createConnections({ connectMs, token: options.token, hosts: options.hosts ?? [] });
  return {
    describe: (call) => chat(connections, { firstByteMs, idleMs, overallMs }, call),
    probe: (host, model, signal) => probe(connections, host, model, signal),
    close: () => connections.close(),
  };
}
