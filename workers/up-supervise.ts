import { ConfigError } from '../domain/errors.ts';
import type { VisionHost } from '../domain/vision-host.ts';
import { stopProcess } from '../runtime/child.ts';
import { ensureApiToken } from '../runtime/api-token.ts';
import type { Settings } from '../runtime/config.ts';
import { watchRoom } from '../runtime/disk-room.ts';
import { keepRunning } from '../runtime/keep-running.ts';
import { hostsFileOf, roleModelsOf } from '../runtime/vision-hosts.ts';
import { whenAborted } from '../runtime/when-aborted.ts';
import { type EngineChild, startEngineChild } from './engine-child.ts';
import type { FromEngine, StartEngine } from './engine-messages.ts';
import { createUpHosts, hostsInWords, type UpHosts } from './up-hosts.ts';
import type { UpLog } from './up-log.ts';
import { createRunNote, type RunNote } from './up-run-note.ts';
import type { Screen } from './up-screen.ts';
import { type Everything, startServices } from './up-services.ts';

export interface Supervision {
  readonly folders: readonly string[];
  readonly settings: Settings;
  /** At the start. */
  readonly hosts: readonly VisionHost[];
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
  readonly screen: Screen;
  readonly log: UpLog;
  readonly interrupted: Interrupted;
}

export interface Interrupted {
  readonly stop: AbortSignal;
  readonly hurry: AbortSignal;
  /** Calls back whenever the hosts are to be read again. */
  onReload(callback: () => void): void;
}

/** The engine stops within its 8 s of grace and a little; Temporal and Postgres get what is left of 10 s. */
const engineLimitMs = 9_000;
const stopLimitMs = 9_600;

/** Brings everything up, keeps it up, and takes it down: watcher and workers, then Temporal, then Postgres. */
export async function supervise(input: Supervision): Promise<void> {
  const { settings, env, dataDir, screen, log, interrupted } = input;
  // The engine finds it where it is made.
  const isServed = settings.DARKROOM_HTTP_ADDRESS !== 'off';
  const token = isServed ? await ensureApiToken(dataDir, settings.DARKROOM_API_TOKEN?.reveal()) : undefined;
  const ending = new AbortController();
  const stop = AbortSignal.any([interrupted.stop, ending.signal]);
  const context = { settings, env, dataDir, log: log.log, say: screen.say, signal: stop };
  const everything = await startServices(context, ending).catch((error: unknown) => {
    if (!interrupted.stop.aborted) throw error;
  });
  if (everything === undefined) return screen.say('stopped before anything ran');
  let engine: EngineChild | undefined;
  const note = noteOf(input, everything, token);
  const hosts = createUpHosts({ settings, env, say: screen.say, note, engine: () => engine });
  interrupted.onReload(() => void hosts.reload());
  // It makes its namespace anew at its start; by itself it would notice after a minute that there is none.
  everything.temporal.onEmptied(() => engine?.tell({ kind: 'stop' }));
  void watchRoom({ dataDir, minFreeMb: settings.DARKROOM_MIN_FREE_MB }, screen.say, stop);
  try {
    sayWhatRuns(input, everything);
    const toEngine = startMessage(input, everything);
    let failure: Error | undefined;
    const onMessage = createListener(input, everything, {
      note,
      hosts,
      end: () => ending.abort(),
      engine: () => engine,
      refuse: (message) => {
        failure = new ConfigError('BadConfig', message);
        ending.abort();
      },
    });
    const start = async () =>
      (engine = await startEngineChild({ start: toEngine, env, onLine: log.engineLine, onMessage }));
    await keepRunning({ name: 'The engine', start, onEnd: sayEnd(input), signal: stop }, await start());
    if (failure !== undefined) throw failure;
  } finally {
    // Nothing is started again from here on.
    ending.abort();
    await takeDown(input, everything, engine);
    await note.remove();
    screen.say('stopped');
  }
}

const sayEnd =
  ({ screen, log }: Supervision) =>
  (name: string, how: string, next: number): void =>
    screen.say(`${name} ended (${how}); it is started again in ${next / 1000} s. What it was doing is in ${log.file}`);

const noteOf = (
  { dataDir, settings, hosts, log }: Supervision,
  everything: Everything,
  token: string | undefined,
): RunNote =>
  createRunNote({
    dataDir,
    hostsFile: hostsFileOf(settings),
    everything,
    token,
    first: {
      engine: undefined,
      libraries: [],
      hosts,
      hostsRead: { at: Date.now(), ok: true, text: '' },
      http: undefined,
    },
    log,
  });

function sayWhatRuns({ settings, hosts, folders, screen }: Supervision, { database, temporal }: Everything): void {
  const server = temporal.kind === 'external' ? temporal.address : `embedded server ${temporal.version ?? ''}`;
  screen.say(`  database  ${database.words}`);
  screen.say(`  temporal  ${server}, namespace ${temporal.namespace}`);
  if (temporal.uiUrl !== undefined) screen.say(`  web UI    ${temporal.uiUrl}`);
  for (const line of hostsInWords(hosts, roleModelsOf(settings))) screen.say(line);
  for (const folder of folders) screen.say(`  library   ${folder}`);
  screen.say('Ctrl-C stops; the next start goes on where this one was.');
}

function startMessage({ folders, dataDir }: Supervision, { database, temporal }: Everything): StartEngine {
  const { address, namespace } = temporal;
  return {
    kind: 'start',
    database: database.target,
    dataDir,
    folders: [...folders],
    ...(temporal.kind !== 'external' && { temporal: { address, namespace } }),
  };
}

function createListener(
  input: Supervision,
  everything: Everything,
  on: {
    end(): void;
    refuse(message: string): void;
    engine(): EngineChild | undefined;
    readonly note: RunNote;
    readonly hosts: UpHosts;
  },
) {
  const { screen, settings, log } = input;
  let quietLooks = 0;
  return (message: FromEngine): void => {
    if (message.kind === 'refused') on.refuse(message.message);
    if (message.kind === 'hosts') on.hosts.engineRead(message);
    if (message.kind === 'notice') screen.say(message.text);
    if (message.kind === 'ready') {
      // Only now is what was lost with Temporal's files started again.
      void everything.temporal
        .refilled()
        .catch((error: unknown) => log.log.warn({ err: error }, 'The marker could not be written'));
      // `status` works from the moment that this is said.
      const { libraries, hosts, http } = message;
      void on.note
        .write({ engine: on.engine(), libraries, hostsRead: { at: Date.now(), ok: true, text: hosts }, http })
        .then(() => screen.say('ready'));
    }
    if (message.kind !== 'progress') return;
    screen.progress(message);
    // Counts and runs are two looks: a batch is over when both said so twice.
    quietLooks = message.idle ? quietLooks + 1 : 0;
    if (settings.DARKROOM_MODE === 'batch' && quietLooks >= 2) on.end();
  };
}

async function takeDown(
  input: Supervision,
  { database, temporal }: Everything,
  engine: EngineChild | undefined,
): Promise<void> {
  const { screen, interrupted } = input;
  const began = Date.now();
  const left = () => (interrupted.hurry.aborted ? 300 : Math.max(300, stopLimitMs - (Date.now() - began)));
  screen.say('stopping: calls in flight get 8 s, then they are cancelled; a second Ctrl-C does not wait');
  if (engine !== undefined) {
    engine.tell({ kind: 'stop' });
    await Promise.race([engine.exited, elapsed(engineLimitMs), whenAborted(interrupted.hurry)]);
    await stopProcess(engine.identity, { signal: 'SIGKILL', graceMs: 0 });
  }
  // The UI keeps nothing. The server's state survives a kill, so it may be short of time.
  await Promise.all(
    temporal
      .children()
      .map(({ name, child }) => stopProcess(child.identity, { graceMs: name === 'temporal' ? left() : 200 })),
  );
  await temporal.stop();
  await database.stop();
}

const elapsed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
