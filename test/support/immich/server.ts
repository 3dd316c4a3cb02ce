import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type Control, createControl, type NewUser, type User } from './control.ts';
import { createMoments, type Match, type Seen } from './moments.ts';
import { createPictures } from './pictures.ts';
import type { Settings } from './rows.ts';
import { serve } from './serve.ts';
import { createState, keepNothing } from './state.ts';

export interface ScriptedImmichOptions extends Partial<Settings> {
  readonly port?: number;
  /** `/photos` where a proxy gives it only a part of its paths. */
  readonly prefix?: string;
  /** Key and certificate in PEM. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Default: one, Ana, with a key that has the usual permissions. */
  readonly users?: readonly NewUser[];
  /** Of the previews, in pixels. Default 320 × 240. */
  readonly pictureSize?: { readonly width: number; readonly height: number };
}

export interface ScriptedImmich extends Control {
  /** Without `/api`. */
  readonly url: string;
  readonly apiUrl: string;
  readonly users: readonly User[];
  /** The first of them. */
  readonly user: User;
  /** Runs `act` before a fitting request is carried out, or when its answer is about to be sent. */
  when(at: 'before' | 'after', match: Match, act: (seen: Seen) => void | Promise<void>): () => void;
  /** Cuts every connection and stops listening; `up` listens at the same address again. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

/** An Immich that behaves as reference/immich.md says, over real HTTP, and counts what is asked of it. */
export async function startScriptedImmich(options: ScriptedImmichOptions = {}): Promise<ScriptedImmich> {
  const { port = 0, prefix = '', tls, users: wanted = [{}], pictureSize, ...settings } = options;
  const state = createState({
    settings: settingsOf(settings),
    pictures: createPictures(pictureSize),
    moments: createMoments(),
    keeper: keepNothing,
  });
  const control = createControl(state);
  const users = wanted.map((user) => control.addUser(user));
  const [user] = users;
  if (user === undefined) throw new Error('an Immich has a user');
  const listener = await listen(port, tls, (request, response) => void serve(state, prefix, request, response));
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${listener.port}${prefix}`;
  const when: ScriptedImmich['when'] = (at, match, act) => state.moments.when(at, match, act);
  return {
    ...control,
    url,
    apiUrl: `${url}/api`,
    users,
    user,
    when,
    down: listener.down,
    up: listener.up,
    stop: listener.down,
  };
}

const settingsOf = (given: Partial<Settings>): Settings => ({
  version: '3.1.0',
  jobDelayMs: 0,
  skewMs: 0,
  verbs: undefined,
  missingVerb: 404,
  features: {},
  ...given,
});

async function listen(wanted: number, tls: ScriptedImmichOptions['tls'], answer: RequestListener) {
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const open = async (at: number): Promise<void> => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
  };
  await open(wanted);
  const port = portOf(server.address());
  return {
    port,
    down: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
    up: async () => void (server.listening || (await open(port))),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('listens on no port');
  return address.port;
}
