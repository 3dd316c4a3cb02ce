import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Control, createControl } from './control.ts';
import type { NewUser, User } from './control-people.ts';
import { keepState } from './kept-state.ts';
import { listen } from './listener.ts';
import { createMoments, type Match, type Seen } from './moments.ts';
import { createPictures } from './pictures.ts';
import type { Settings } from './rows.ts';
import { serve } from './serve.ts';
import { createState, keepNothing, type State } from './state.ts';

export interface ScriptedImmichOptions extends Partial<Settings> {
  readonly port?: number;
  /** `/photos` where a proxy gives it only a part of its paths. */
  readonly prefix?: string;
  /** HTTPS with the certificate below, which nobody has signed. */
  readonly tls?: boolean;
  /** Default: one, Ana, with a key that has the usual permissions. Passed over where the kept state has users. */
  readonly users?: readonly NewUser[];
  /** Of the previews, in pixels. Default 320 × 240. */
  readonly pictureSize?: { readonly width: number; readonly height: number };
  /** Where it keeps its state across restarts; without, the state ends with it. */
  readonly stateFile?: string;
}

export interface ScriptedImmich extends Control {
  /** Without `/api`. */
  readonly url: string;
  readonly apiUrl: string;
  readonly users: readonly User[];
  /** The first of them. */
  readonly user: User;
  /**
   * Runs `act` before a fitting request is carried out, or after that and before its answer is sent. The answer takes it
   * back.
   */
  when(at: 'before' | 'after', match: Match, act: (seen: Seen) => void | Promise<void>): () => void;
  /** Cuts every connection and stops listening; `up` listens at the same address again. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
/** PEM of what it shows with `tls`: for localhost and 127.0.0.1, signed by itself. */
export const certificateFile = fixture('for-tests-only.cert.pem');
const keyFile = fixture('for-tests-only.key.pem');

/** An Immich that behaves as reference/immich.md says, over real HTTP, and counts what is asked of it. End it with `stop`. */
export async function startScriptedImmich(options: ScriptedImmichOptions = {}): Promise<ScriptedImmich> {
  const { port = 0, prefix = '', tls = false, users: wanted, pictureSize, stateFile, ...settings } = options;
  const kept = stateFile === undefined ? undefined : keepState(stateFile);
  const state = createState({
    pictures: createPictures(pictureSize),
    moments: createMoments(),
    keeper: keepNothing,
    ...kept,
    settings: { ...usualSettings, ...kept?.settings, ...settings },
  });
  const control = createControl(state);
  if (state.tables.users.size === 0) for (const user of wanted ?? [{}]) control.addUser(user);
  const users = usersOf(state);
  const [user] = users;
  if (user === undefined) throw new Error('an Immich has a user');
  const secure = tls ? { key: readFileSync(keyFile), cert: readFileSync(certificateFile) } : undefined;
  const { down, up, ...at } = await listen(port, secure, (request, response) => {
    void serve(state, prefix, request, response);
  });
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${at.port}${prefix}`;
  const stop = async (): Promise<void> => {
    await down();
    kept?.close();
  };
  const when: ScriptedImmich['when'] = (at, match, act) => state.moments.when(at, match, act);
  return { ...control, url, apiUrl: `${url}/api`, users, user, when, down, up, stop };
}

const usualSettings: Settings = {
  version: '3.1.0',
  jobDelayMs: 0,
  skewMs: 0,
  verbs: undefined,
  missingVerb: 404,
  features: {},
};

const usersOf = ({ tables }: State): User[] =>
  [...tables.keys.values()].flatMap(({ userId, secret }) => {
    const user = tables.users.get(userId);
    return user === undefined ? [] : [{ id: user.id, name: user.name, key: secret }];
  });
