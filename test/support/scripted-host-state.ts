import type { VisionApi } from '../../domain/vision-host.ts';
import type { ScriptedAnswer } from './scripted-answer.ts';
import type { ChatCall } from './scripted-request.ts';
import { createTurns, type Turns } from './turns.ts';

export interface ScriptedHostOptions {
  readonly port?: number;
  readonly api?: VisionApi;
  readonly model?: string;
  /** Null: the server lists none, as old ones do. */
  readonly capabilities?: readonly string[] | null;
  readonly simulated?: boolean;
  /** One call at a time, the others wait in line with their sockets open, as Ollama does. Default true. */
  readonly serialise?: boolean;
  /** Is the model in memory at the start? Default true. Any call loads it. */
  readonly loaded?: boolean;
  /** What it does when it is asked to load the model. */
  readonly load?: ScriptedAnswer;
  /** Other answers to small questions, by `GET /path`: a status, and a body that is sent as it is or as JSON. */
  readonly routes?: Readonly<Record<string, { readonly status?: number; readonly body: string | object }>>;
  /** Decides per call; the default is `{}`, a whole answer at once. */
  readonly answer?: (call: ChatCall, nth: number) => ScriptedAnswer;
  /** Told of the end of each call whose answer had begun; `whole` where the client got all of it. */
  readonly ended?: (call: ChatCall, whole: boolean) => void;
}

/** Calls begun and whole answers sent. */
export interface CallCount {
  calls: number;
  finished: number;
}

export interface HostState {
  readonly api: VisionApi;
  readonly model: string;
  readonly simulated: boolean;
  readonly capabilities: readonly string[] | null;
  readonly routes: NonNullable<ScriptedHostOptions['routes']>;
  readonly turns: Turns;
  readonly calls: ChatCall[];
  readonly loads: ChatCall[];
  readonly questions: string[];
  readonly load: ScriptedAnswer | undefined;
  readonly total: CallCount & { atOnce: number; mostAtOnce: number };
  readonly pictures: Map<string, CallCount>;
  loaded: boolean;
  models: readonly string[];
  answer: (call: ChatCall, nth: number) => ScriptedAnswer;
  readonly ended: (call: ChatCall, whole: boolean) => void;
}

export function hostState(options: ScriptedHostOptions): HostState {
  const model = options.model ?? 'scripted-vl';
  return {
    api: options.api ?? 'ollama',
    model,
    simulated: options.simulated ?? false,
    capabilities: options.capabilities === undefined ? ['completion', 'vision'] : options.capabilities,
    routes: options.routes ?? {},
    turns: createTurns(options.serialise === false ? Infinity : 1),
    calls: [],
    loads: [],
    questions: [],
    load: options.load,
    total: { calls: 0, finished: 0, atOnce: 0, mostAtOnce: 0 },
    pictures: new Map(),
    loaded: options.loaded ?? true,
    models: [model],
    answer: options.answer ?? (() => ({})),
    ended: options.ended ?? (() => undefined),
  };
}
