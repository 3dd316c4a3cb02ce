import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Child } from '../child.ts';
import { bringUp, prepareState, stopAll } from './bring-up.ts';
import { connectOptions, DEFAULT_NAMESPACE, isExternal } from './connect.ts';
import { findServer } from './find.ts';
import { stopLeftovers } from './leftovers.ts';
import type { OnTemporalLog } from './log-lines.ts';
import { DEFAULT_PORT, DEFAULT_UI_PORT } from './ports.ts';
import { ownArguments } from './programs.ts';
import type { TemporalService } from './service.ts';
import { writeMarker } from './state.ts';

export interface TemporalOptions {
  /** Darkroom's data folder; ours is `temporal/` in it. One `up` at a time: the caller holds the folder's lock. */
  readonly dataDir: string;
  /** TEMPORAL_* of the person, PATH, HOME, XDG_CACHE_HOME, and what Go reads. */
  readonly env: NodeJS.ProcessEnv;
  /** Frontend port, default 7233; 0 takes a free block. */
  readonly port?: number;
  /** Port of the Web UI, default 8233; 0 takes a free one. */
  readonly uiPort?: number;
  readonly namespace?: string;
  readonly onLog: OnTemporalLog;
  /** Ends the start (a build or a download may take minutes). */
  readonly signal?: AbortSignal | undefined;
}

export interface Temporal {
  readonly kind: 'external' | 'cli' | 'compiled';
  /** Of the server; undefined for one that is not ours. */
  readonly version: string | undefined;
  /** host:port of the gRPC frontend. */
  readonly address: string;
  readonly namespace: string;
  /** Base URL of the Web UI; undefined for a server that is not ours. */
  readonly uiUrl: string | undefined;
  /** The server knows nothing of earlier work: start what is missing, then call `refilled`. */
  readonly fresh: boolean;
  /** Empty for a server that is not ours. In the order of their start. */
  readonly services: readonly TemporalService[];
  /** What runs now. */
  children(): ReadonlyArray<{ readonly name: string; readonly child: Child }>;
  /** Calls back when the server has begun anew while we run, because its files were gone: nobody's connection is of use. */
  onEmptied(callback: () => void): void;
  /** Says that what was missing has been started, so that the next start is not `fresh`. */
  refilled(): Promise<void>;
  /** UI first, then the server: SIGTERM, 5 s, SIGKILL. */
  stop(): Promise<void>;
}

/** Finds a server (see find.ts for the ways), starts it on the kept state, and waits until it answers. */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const { dataDir, env, port = DEFAULT_PORT, uiPort = DEFAULT_UI_PORT, onLog, signal } = options;
  if (isExternal(env)) return await externalTemporal(env);
  const root = join(resolve(dataDir), 'temporal');
  const [stateDir, configDir] = [join(root, 'state'), join(root, 'config')];
  await mkdir(root, { recursive: true, mode: 0o700 });
  await reportLeftovers(stateDir, configDir, onLog);
  const found = await findServer({ env, downloadDir: join(root, 'download'), onLog, signal });
  const namespace = options.namespace ?? DEFAULT_NAMESPACE;
  const up = await bringUp({ found, stateDir, configDir, port, uiPort, namespace, env, onLog, signal });
  const { kind, version } = found;
  let emptied = (): void => undefined;
  const onState = (service: TemporalService): TemporalService => ({
    ...service,
    async start() {
      // The files may be gone since: what is left of them is set aside, and the server makes new ones.
      if ((await prepareState({ stateDir, found, onLog })) === undefined) emptied();
      return await service.start();
    },
  });
  return {
    kind,
    version,
    address: `127.0.0.1:${up.ports.frontend}`,
    namespace,
    uiUrl: `http://127.0.0.1:${up.ports.ui}`,
    fresh: !up.marker.refilled,
    services: up.services.map((service) => (service.name === 'temporal' ? onState(service) : service)),
    children: () => up.services.flatMap(runningChild),
    onEmptied: (callback) => void (emptied = callback),
    refilled: () => writeMarker(stateDir, { ...up.marker, refilled: true }),
    stop: () => stopAll(up.services),
  };
}

function runningChild(service: TemporalService) {
  const child = service.current();
  return child === undefined ? [] : [{ name: service.name, child }];
}

async function reportLeftovers(stateDir: string, configDir: string, onLog: OnTemporalLog): Promise<void> {
  for (const { name, pid, how } of await stopLeftovers(stateDir, ownArguments(stateDir, configDir))) {
    const msg = `a server left over from an earlier run was ${how}`;
    onLog({ level: 'warn', source: 'temporal-setup', msg, details: { name, pid } });
  }
}

async function externalTemporal(env: NodeJS.ProcessEnv): Promise<Temporal> {
  const { connectionOptions, namespace } = await connectOptions({ env });
  return {
    kind: 'external',
    version: undefined,
    address: connectionOptions.address,
    namespace,
    uiUrl: undefined,
    fresh: false,
    services: [],
    children: () => [],
    onEmptied: () => undefined,
    refilled: async () => {},
    stop: async () => {},
  };
}
