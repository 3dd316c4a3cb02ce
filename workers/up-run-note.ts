import type { VisionHost } from '../domain/vision-host.ts';
import { identify } from '../runtime/child.ts';
import { removeRunFile, type Run, writeRunFile } from '../runtime/run-file.ts';
import { version } from '../runtime/version.ts';
import type { EngineChild } from './engine-child.ts';
import type { UpLog } from './up-log.ts';
import type { Everything } from './up-services.ts';

/** What changes while everything runs. */
interface RunNow {
  readonly engine: EngineChild | undefined;
  readonly libraries: readonly string[];
  readonly hosts: readonly VisionHost[];
  /** What came of reading the hosts the last time. */
  readonly hostsRead: NonNullable<Run['hostsRead']>;
  /** Where the engine serves HTTP; undefined where it does not. */
  readonly http: Run['http'];
}

/** run.json: for `status`, `trace`, `doctor`, `hosts` and the next `up`. It is there once the engine is ready. */
export interface RunNote {
  write(now: Partial<RunNow>): Promise<void>;
  remove(): Promise<void>;
}

interface Deps {
  readonly dataDir: string;
  readonly hostsFile: string | undefined;
  readonly everything: Everything;
  /** Of the HTTP API. */
  readonly token: string | undefined;
  readonly first: RunNow;
  readonly log: UpLog;
}

export function createRunNote({ dataDir, hostsFile, everything, token, first, log }: Deps): RunNote {
  const startedAt = Date.now();
  let now = first;
  let ended = false;
  let last = Promise.resolve();
  const writeNow = async () => {
    // Until it is ready, nobody can ask it anything.
    if (ended || now.engine === undefined) return;
    await writeRunFile(dataDir, runOf(everything, now, { startedAt, hostsFile, token }));
  };
  return {
    write(change) {
      now = { ...now, ...change };
      // One after the other: each writes the same draft.
      last = last
        .then(writeNow)
        .catch((error: unknown) => log.log.warn({ err: error }, 'run.json could not be written'));
      return last;
    },
    async remove() {
      ended = true;
      await last;
      await removeRunFile(dataDir);
    },
  };
}

function runOf(
  { database, temporal }: Everything,
  { engine, libraries, hosts, hostsRead, http }: RunNow,
  { startedAt, hostsFile, token }: { startedAt: number; hostsFile: string | undefined; token: string | undefined },
): Run {
  const postgres = database.child();
  const { address, namespace, uiUrl } = temporal;
  return {
    version,
    startedAt,
    supervisor: identify(process.pid) ?? { pid: process.pid, startedAt: 'unknown' },
    processes: [
      ...(postgres === undefined ? [] : [{ name: 'postgres', ...postgres.identity }]),
      ...(engine === undefined ? [] : [{ name: 'engine', ...engine.identity }]),
      ...temporal.children().map(({ name, child }) => ({ name, ...child.identity })),
    ],
    temporal: { address, namespace, ...(uiUrl !== undefined && { uiUrl }) },
    database: database.target,
    visionHosts: hosts.map(({ label }) => label),
    ...(hostsFile !== undefined && { hostsFile }),
    hostsRead,
    libraries: [...libraries],
    ...(http !== undefined && { http }),
    ...(token !== undefined && { token }),
  };
}
