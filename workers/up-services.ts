import type { Child } from '../runtime/child.ts';
import type { Settings } from '../runtime/config.ts';
import { createEmbeddedPostgres } from '../runtime/database/embedded.ts';
import { type DatabaseTarget, describeTarget } from '../runtime/database/target.ts';
import { keepRunning } from '../runtime/keep-running.ts';
import type { Logger } from '../runtime/log.ts';
import { startTemporal, type Temporal } from '../runtime/temporal/embedded.ts';

export interface Database {
  readonly target: DatabaseTarget;
  /** For people; without any password. */
  readonly words: string;
  readonly child: () => Child | undefined;
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

/** The person's own Postgres, or the embedded one, kept running. */
export async function startDatabase({ settings, dataDir, log, say, signal }: ServiceContext): Promise<Database> {
  const url = settings.DATABASE_URL?.reveal();
  if (url !== undefined) {
    const target: DatabaseTarget = { kind: 'url', url };
    return { target, words: describeTarget(target), child: () => undefined, stop: async () => undefined };
  }
  const onLog = passOn(log);
  const postgres = await createEmbeddedPostgres({ dataDir, onLog });
  let child = await postgres.start();
  await postgres.ready(AbortSignal.any([signal, AbortSignal.timeout(60_000)]));
  void keepRunning(
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
    stop: () => postgres.stop(),
  };
}

/** The person's own Temporal, or the embedded one with its Web UI, kept running. */
export async function startTemporalServices(context: ServiceContext): Promise<Temporal> {
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
  for (const service of temporal.services) {
    const first = service.current();
    if (first === undefined) continue;
    void keepRunning({ name: service.name, start: () => service.start(), onEnd: sayEnd(say), signal }, first);
  }
  return temporal;
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
