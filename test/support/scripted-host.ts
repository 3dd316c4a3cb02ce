import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { visionApis } from '../../domain/vision-host.ts';
import type { ScriptedAnswer } from './scripted-answer.ts';
import { serve } from './scripted-host-routes.ts';
import { type CallCount, hostState, type ScriptedHostOptions } from './scripted-host-state.ts';
import type { ChatCall } from './scripted-request.ts';

export type { ScriptedHostOptions };

export interface ScriptedHost {
  readonly url: string;
  readonly model: string;
  /** What was asked so far, in order. */
  readonly calls: readonly ChatCall[];
  /** Requests to load the model. */
  readonly loads: readonly ChatCall[];
  /** Small questions, as `GET /api/ps`. */
  readonly questions: readonly string[];
  readonly total: Readonly<CallCount & { mostAtOnce: number }>;
  /** Connections that were made to it so far. */
  connections(): number;
  /** Per SHA-256 of the JPEG as it came. */
  readonly pictures: ReadonlyMap<string, Readonly<CallCount>>;
  script(answer: (call: ChatCall, nth: number) => ScriptedAnswer): void;
  /** The models that it has from now on. */
  setModels(models: readonly string[]): void;
  /** Cuts every connection and stops listening; `on` listens on the same port again. */
  off(): Promise<void>;
  on(): Promise<void>;
}

/** A vision host that does what the test says, over real HTTP, and counts what it did. End it with `off`. */
export async function startScriptedHost(options: ScriptedHostOptions = {}): Promise<ScriptedHost> {
  const state = hostState(options);
  const server = createServer((request, response) => void serve(state, request, response));
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    model: state.model,
    calls: state.calls,
    loads: state.loads,
    questions: state.questions,
    total: state.total,
    connections: () => connections,
    pictures: state.pictures,
    script: (answer) => void (state.answer = answer),
    setModels: (models) => void (state.models = models),
    async off() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
    on: async () => void (await listen(server, port)),
  };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listens on no port');
  return address.port;
}

/** `node test/support/scripted-host.ts --port 0 --first-byte-ms 100`: prints `{"url":…}` and ends with its stdin. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      model: { type: 'string', default: 'scripted-vl' },
      api: { type: 'string', default: 'ollama' },
      'first-byte-ms': { type: 'string', default: '0' },
      parallel: { type: 'boolean', default: false },
    },
  });
  const firstByteMs = Number(values['first-byte-ms']);
  const host = await startScriptedHost({
    port: Number(values.port),
    model: values.model,
    api: z.enum(visionApis).parse(values.api),
    serialise: !values.parallel,
    answer: () => (firstByteMs > 0 ? { firstByteMs } : {}),
  });
  process.stdout.write(`${JSON.stringify({ url: host.url, model: host.model })}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
  await host.off();
}

if (import.meta.main) await main();
