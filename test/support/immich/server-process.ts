import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { listen } from './listener.ts';
import { type ScriptedImmich, startScriptedImmich } from './server.ts';

/** What can be called from outside: all but what takes a function or ends the process's use. */
export type Remote = Omit<ScriptedImmich, 'when' | 'stop' | 'url' | 'apiUrl' | 'users' | 'user'>;

/** The first line that the program prints, as JSON. */
export interface Announced {
  readonly url: string;
  readonly apiUrl: string;
  readonly controlUrl: string;
  readonly users: ScriptedImmich['users'];
}

/** `POST /addAsset ["<user>", {}]` answers `{"value": …}`, or 400 and `{"error": "…"}`. */
async function command(immich: ScriptedImmich, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = (status: number, value: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  try {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(Buffer.from(part));
    const given: unknown = JSON.parse(Buffer.concat(parts).toString('utf8') || '[]');
    const name = (request.url ?? '').slice(1);
    const act: unknown = name === 'when' || name === 'stop' ? undefined : Reflect.get(immich, name);
    if (typeof act !== 'function' || !Array.isArray(given)) throw new Error(`no such command: ${name}`);
    reply(200, { value: (await act(...given)) ?? null });
  } catch (error) {
    reply(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * `node test/support/immich/server-process.ts --port 0 --state immich.jsonl`: prints its addresses as one line of JSON, takes
 * commands at `controlUrl`, and ends with its stdin. With the same file it goes on where it was killed.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      'control-port': { type: 'string', default: '0' },
      version: { type: 'string' },
      prefix: { type: 'string', default: '' },
      state: { type: 'string' },
      'job-delay-ms': { type: 'string' },
      'preview-width': { type: 'string', default: '320' },
      tls: { type: 'boolean', default: false },
    },
  });
  const { version, state, 'job-delay-ms': delay } = values;
  const width = Number(values['preview-width']);
  const immich = await startScriptedImmich({
    port: Number(values.port),
    prefix: values.prefix,
    tls: values.tls,
    pictureSize: { width, height: Math.round(width * 0.75) },
    ...(version === undefined ? {} : { version }),
    ...(state === undefined ? {} : { stateFile: state }),
    ...(delay === undefined ? {} : { jobDelayMs: delay === 'never' ? null : Number(delay) }),
  });
  const control = await listen(Number(values['control-port']), undefined, (request, response) => {
    void command(immich, request, response);
  });
  const { url, apiUrl, users } = immich;
  const announced: Announced = { url, apiUrl, controlUrl: `http://127.0.0.1:${control.port}`, users };
  process.stdout.write(`${JSON.stringify(announced)}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
  await Promise.all([immich.stop(), control.down()]);
}

if (import.meta.main) await main();
