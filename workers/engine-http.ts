import type { Client } from '@temporalio/client';
import { z } from 'zod';
import type { Database } from '../adapters/postgres/connection.ts';
import { problem } from '../clients/http/problems.ts';
import { createHttpServer } from '../clients/http/server.ts';
import { errorCode } from '../domain/errors.ts';
import { ensureApiToken } from '../runtime/api-token.ts';
import type { Settings } from '../runtime/config.ts';
import { httpAddressOf } from '../runtime/http-address.ts';
import type { Logger } from '../runtime/log.ts';
import { version } from '../runtime/version.ts';
import { createEngineApi } from './engine-api.ts';
import { engineRoutes } from './engine-routes.ts';
import type { Faces } from './face-steps.ts';

/** What can be asked and told once everything runs. */
interface HttpParts {
  readonly client: Client;
  readonly database: Database;
  readonly hint: (library: string, immichId: string) => void;
  /** Absent where no face service is set up. */
  readonly faces?: Faces | undefined;
}

export interface EngineHttp {
  /** Absent where nothing is served. `url` for programs on this machine; `host` as it was asked to listen on. */
  readonly at: { readonly url: string; readonly host: string } | undefined;
  /** From now on it is ready when these are. */
  attach(parts: HttpParts): void;
  close(): Promise<void>;
}

export interface EngineHttpDeps {
  readonly settings: Pick<Settings, 'DARKROOM_HTTP_ADDRESS' | 'DARKROOM_API_TOKEN'>;
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
  readonly say: (text: string) => void;
  readonly log: Logger;
}

const nothingServed: EngineHttp = { at: undefined, attach: () => undefined, close: async () => undefined };

/** Served from the start on, so that whoever watches over us is told that we are starting. Never a reason not to start. */
export async function startEngineHttp({ settings, env, dataDir, say, log }: EngineHttpDeps): Promise<EngineHttp> {
  const at = httpAddressOf(settings.DARKROOM_HTTP_ADDRESS);
  if (at === undefined || at === 'off') return nothingServed;
  const token = await ensureApiToken(dataDir, settings.DARKROOM_API_TOKEN?.reveal());
  let parts: HttpParts | undefined;
  const lacks = remembered(async () => (parts === undefined ? ['Darkroom is starting'] : await lacksOf(parts)));
  let origin = `http://${settings.DARKROOM_HTTP_ADDRESS}`;
  const opening = createEngineApi({ env, dataDir, log, faces: () => parts?.faces });
  const routes = engineRoutes({
    token,
    version,
    origin: () => origin,
    lacks,
    hint: (library, immichId) => parts?.hint(library, immichId),
    async api() {
      const headers = { 'retry-after': '5' };
      if (parts === undefined) throw problem('not-ready', 'Darkroom is starting.', { headers });
      return await opening.get();
    },
  });
  const server = createHttpServer({
    token,
    routes,
    onFault: ({ route, error }) => log.error({ route, err: error }, 'A request over HTTP failed'),
  });
  try {
    const url = await server.listen(at);
    origin = url;
    log.info({ url }, 'HTTP is served');
    return {
      at: { url, host: at.host },
      attach: (given) => void (parts = given),
      async close() {
        await server.close();
        await opening.close();
      },
    };
  } catch (error) {
    await server.close();
    say(`No HTTP, and no webhooks: ${whyNot(error, settings.DARKROOM_HTTP_ADDRESS)} Everything else goes on.`);
    return nothingServed;
  }
}

function whyNot(error: unknown, address: string): string {
  const code = errorCode(error);
  const setting = 'Set DARKROOM_HTTP_ADDRESS';
  if (code === 'EADDRINUSE') return `another program listens on ${address}. ${setting} to another port, or to off.`;
  if (code === 'EACCES') return `${address} is not for this user. ${setting} to a port of 1024 or more.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `this machine has no address ${address}. ${setting} to one that it has, such as 127.0.0.1:2285.`;
  }
  return `${address} cannot be listened on (${error instanceof Error ? error.message : String(error)}). ${setting} to another one.`;
}

const lookLimitMs = 3_000;
const rememberMs = 1_000;

async function lacksOf({ client, database }: HttpParts): Promise<readonly string[]> {
  const [temporal, rows] = await Promise.allSettled([
    client.withDeadline(Date.now() + lookLimitMs, () => client.workflowService.getSystemInfo({})),
    database.rows(z.object({}), (sql) => sql`select 1`, { signal: AbortSignal.timeout(lookLimitMs) }),
  ]);
  return [
    ...(temporal.status === 'rejected' ? ['Temporal does not answer'] : []),
    ...(rows.status === 'rejected' ? ['the database does not answer'] : []),
  ];
}

/** However many ask, both are asked once a second at most. */
function remembered<T>(look: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly found: Promise<T> } | undefined;
  return () => {
    if (last === undefined || Date.now() - last.at > rememberMs) last = { at: Date.now(), found: look() };
    return last.found;
  };
}
