import { ConfigError } from '../domain/errors.ts';
import { identify, stopProcess } from '../runtime/child.ts';
import type { Settings } from '../runtime/config.ts';
import { hostLabel } from '../runtime/host-address.ts';
import { watchRoom } from '../runtime/disk-room.ts';
import { keepRunning } from '../runtime/keep-running.ts';
import { removeRunFile, writeRunFile } from '../runtime/run-file.ts';
import { whenAborted } from '../runtime/when-aborted.ts';
import { version } from '../runtime/version.ts';
import { type EngineChild, startEngineChild } from './engine-child.ts';
import type { FromEngine, StartEngine } from './engine-messages.ts';
import type { UpLog } from './up-log.ts';
import type { Screen } from './up-screen.ts';
import { type Everything, startServices } from './up-services.ts';

export interface Supervision {
  readonly folders: readonly string[];
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
  readonly screen: Screen;
  readonly log: UpLog;
  readonly interrupted: { readonly stop: AbortSignal; readonly hurry: AbortSignal };
}

/** The engine stops within its 8 s of grace and a little; Temporal and Postgres get what is left of 10 s. */
const engineLimitMs = 9_000;
const stopLimitMs = 9_600;

/** Brings everything up, keeps it up, and takes it down: watcher and workers, then Temporal, then Postgres. */
export async function supervise(input: Supervision): Promise<void> {
  const { settings, env, dataDir, screen, log, interrupted } = input;
  const ending = new AbortController();
  const stop = AbortSignal.any([interrupted.stop, ending.signal]);
  const context = { settings, env, dataDir, log: log.log, say: screen.say, signal: stop };
  const everything = await startServices(context, ending).catch((error: unknown) => {
    if (!interrupted.stop.aborted) throw error;
  });
  if (everything === undefined) return screen.say('stopped before anything ran');
  let engine: EngineChild | undefined;
  void watchRoom(dataDir, screen.say, stop);
  try {
    sayWhatRuns(input, everything);
    const toEngine = startMessage(input, everything);
    let failure: Error | undefined;
    const onMessage = createListener(input, everything, {
      end: () => ending.abort(),
      engine: () => engine,
      refuse: (message) => {
        failure = new ConfigError('BadConfig', message);
        ending.abort();
      },
    });
    const start = async () =>
      (engine = await startEngineChild({ start: toEngine, env, onLine: log.engineLine, onMessage }));
    const onEnd = (name: string, how: string, next: number) =>
      screen.say(
        `${name} ended (${how}); it is started again in ${next / 1000} s. What it was doing is in ${log.file}`,
      );
    await keepRunning({ name: 'The engine', start, onEnd, signal: stop }, await start());
    if (failure !== undefined) throw failure;
  } finally {
    // Nothing is started again from here on.
    ending.abort();
    await takeDown(input, everything, engine);
  }
}

function sayWhatRuns({ settings, folders, screen }: Supervision, { database, temporal }: Everything): void {
  const server = temporal.kind === 'external' ? temporal.address : `embedded server ${temporal.version ?? ''}`;
  screen.say(`  database  ${database.words}`);
  screen.say(`  temporal  ${server}, namespace ${temporal.namespace}`);
  if (temporal.uiUrl !== undefined) screen.say(`  web UI    ${temporal.uiUrl}`);
  screen.say(`  vision    ${settings.VISION_MODEL} on ${settings.VISION_HOSTS.map(hostLabel).join(', ')}`);
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
  on: { end(): void; refuse(message: string): void; engine(): EngineChild | undefined },
) {
  const { screen, settings, log } = input;
  let quietLooks = 0;
  return (message: FromEngine): void => {
    if (message.kind === 'refused') on.refuse(message.message);
    if (message.kind === 'ready') {
      // Only now is what was lost with Temporal's files started again.
      void everything.temporal
        .refilled()
        .catch((error: unknown) => log.log.warn({ err: error }, 'The marker could not be written'));
      // `status` works from the moment that this is said.
      void noteRun(input, everything, { engine: on.engine(), libraries: message.libraries }).then(() =>
        screen.say('ready'),
      );
    }
    if (message.kind !== 'progress') return;
    screen.progress(message);
    // Counts and runs are two looks: a batch is over when both said so twice.
    quietLooks = message.idle ? quietLooks + 1 : 0;
    if (settings.DARKROOM_MODE === 'batch' && quietLooks >= 2) on.end();
  };
}

/** For `status`, `trace`, `doctor` and the next `up`. */
async function noteRun(
  { dataDir, settings, log }: Supervision,
  { database, temporal }: Everything,
  { engine, libraries }: { engine: EngineChild | undefined; libraries: readonly string[] },
): Promise<void> {
  const self = identify(process.pid) ?? { pid: process.pid, startedAt: 'unknown' };
  const postgres = database.child();
  const processes = [
    ...(postgres === undefined ? [] : [{ name: 'postgres', ...postgres.identity }]),
    ...(engine === undefined ? [] : [{ name: 'engine', ...engine.identity }]),
    ...temporal.children().map(({ name, child }) => ({ name, ...child.identity })),
  ];
  const { address, namespace, uiUrl } = temporal;
  await writeRunFile(dataDir, {
    version,
    startedAt: Date.now(),
    supervisor: self,
    processes,
    temporal: { address, namespace, ...(uiUrl !== undefined && { uiUrl }) },
    database: database.target,
    visionHosts: settings.VISION_HOSTS.map(hostLabel),
    libraries: [...libraries],
  }).catch((error: unknown) => log.log.warn({ err: error }, 'run.json could not be written'));
}

async function takeDown(
  input: Supervision,
  { database, temporal }: Everything,
  engine: EngineChild | undefined,
): Promise<void> {
  const { screen, dataDir, interrupted } = input;
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
  await removeRunFile(dataDir);
  screen.say('stopped');
}

const elapsed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
