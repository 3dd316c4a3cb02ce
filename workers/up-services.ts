import type { Child } from '../runtime/child.ts';
import type { Settings } from '../runtime/config.ts';
import { createEmbeddedPostgres, type EmbeddedPostgres } from '../runtime/database/embedded.ts';
import { type DatabaseTarget, describeTarget } from '../runtime/database/target.ts';
import { keepRunning } from '../runtime/keep-running.ts';
import type { Logger } from '../runtime/log.ts';
import { startTemporal, type Temporal } from '../runtime/temporal/embedded.ts';

interface Database {
  readonly target: DatabaseTarget;
  /** For people; without any password. */
  readonly words: string;
  readonly child: () => Child | undefined;
  /** Once the context's signal is aborted. */
  readonly stop: () => Promise<void>;
}

export interface ServiceContext {
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
  readonly log: Logger;
  readonly say: (line: string) => void;
  /** Aborted when everything is to stop: nothing is started again then. */
  readonly signal: AbortSignal;
}

export interface Everything {
  readonly database: Database;
  readonly temporal: Temporal;
}

/** Both, side by side. If one cannot be started, `ending` is aborted and the other one does not stay behind. */
export async function startServices(context: ServiceContext, ending: AbortController): Promise<Everything> {
  let why: unknown;
  const giveUp = (error: unknown) => {
    why ??= error;
    ending.abort();
  };
  const starts = [startDatabase(context), startTemporalServices(context)] as const;
  for (const start of starts) start.catch(giveUp);
  const [database, temporal] = await Promise.allSettled(starts);
  if (database.status === 'fulfilled' && temporal.status === 'fulfilled') {
    return { database: database.value, temporal: temporal.value };
  }
  for (const started of [database, temporal]) if (started.status === 'fulfilled') await started.value.stop();
  throw why;
}

/** The person's own Postgres, or the embedded one, kept running. */
async function startDatabase({ settings, dataDir, log, say, signal }: ServiceContext): Promise<Database> {
  const url = settings.DATABASE_URL?.reveal();
  if (url !== undefined) {
    const target: DatabaseTarget = { kind: 'url', url };
    return { target, words: describeTarget(target), child: () => undefined, stop: async () => undefined };
  }
  const onLog = passOn(log);
  const postgres = await createEmbeddedPostgres({ dataDir, onLog });
  let child = await startedOrStopped(postgres, signal);
  const kept = keepRunning(
    {
      name: 'Postgres',
      start: () => postgres.start(),
      onEnd: sayEnd(say),
      onRestart: (next) => (child = next),
      signal,
    },
    child,
  );
  return {
    target: postgres.connection,
    words: `embedded Postgres ${postgres.version}${postgres.adopted ? ', left over from an earlier run and taken over' : ''}`,
    child: () => child,
    async stop() {
      // A restart under way would outlive the stop.
      await kept;
      await postgres.stop();
    },
  };
}

/** A system that runs out of memory may kill the server while it starts: that is no reason for `up` to end. */
const killedTries = 3;

/** A server that nobody waits for any more (Ctrl-C while it starts) does not stay behind. */
async function startedOrStopped(postgres: EmbeddedPostgres, signal: AbortSignal): Promise<Child> {
  for (let attempt = 1; ; attempt += 1) {
    let how = '';
    try {
      signal.throwIfAborted();
      const child = await postgres.start();
      void child.exited.then((end) => (how = end));
      await postgres.ready(AbortSignal.any([signal, AbortSignal.timeout(60_000)]));
      return child;
    } catch (error) {
      await postgres.stop();
      if (!how.startsWith('signal') || signal.aborted || attempt === killedTries) throw error;
    }
  }
}

/** The person's own Temporal, or the embedded one with its Web UI, kept running. */
async function startTemporalServices(context: ServiceContext): Promise<Temporal> {
  const { settings, env, dataDir, log, say, signal } = context;
  const temporal = await startTemporal({
    dataDir,
    env,
    port: settings.DARKROOM_TEMPORAL_PORT,
    uiPort: settings.DARKROOM_TEMPORAL_UI_PORT,
    namespace: settings.TEMPORAL_NAMESPACE,
    onLog: passOn(log, say),
    signal,
  });
  const kept = temporal.services.map((service) =>
    keepRunning(
      { name: service.name, start: () => service.start(), onEnd: sayEnd(say), signal },
      // Already gone again where somebody killed it since it answered.
      service.current(),
    ),
  );
  return {
    ...temporal,
    async stop() {
      await Promise.all(kept);
      await temporal.stop();
    },
  };
}

const sayEnd = (say: (line: string) => void) => (name: string, how: string, next: number) =>
  say(`${name} ended (${how}); it is started again in ${next / 1000} s.`);

interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  readonly msg: string;
  readonly source: string;
}

/** Lines of the programs below us go to the log; what is about setting up is also said to the person who waits for it. */
const passOn =
  (log: Logger, say?: (line: string) => void) =>
  (line: Line): void => {
    const { level, msg, ...rest } = line;
    log[level](rest, msg);
    if (line.source === 'temporal-setup') say?.(msg);
  };
