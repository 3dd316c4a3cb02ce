import type { FoundServer } from './find.ts';
import { rememberProcess } from './leftovers.ts';
import { readLastPorts, waitForOldMembers, writeLastPorts } from './last-ports.ts';
import type { OnTemporalLog } from './log-lines.ts';
import { choosePorts, type Ports } from './ports.ts';
import { programsOf } from './programs.ts';
import { createService, EndedEarly, type TemporalService } from './service.ts';
import { openState, readMarker, restoreState, setAside, writeMarker } from './state.ts';

export interface BringUpInput {
  readonly found: FoundServer;
  readonly stateDir: string;
  readonly configDir: string;
  /** 0 takes free ones. */
  readonly port: number;
  readonly uiPort: number;
  readonly namespace: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onLog: OnTemporalLog;
  readonly signal: AbortSignal | undefined;
}

export interface Running {
  readonly ports: Ports;
  readonly services: readonly TemporalService[];
  readonly fresh: boolean;
}

/** Loaded machines took 2.8 s for a first start; see last-ports.ts for the wait of 21 s that may come before. */
const START_LIMIT_MS = 90_000;
/** A free block may be taken by another program between the look and the start. */
const BLOCK_TRIES = 3;

const portTaken = /address already in use/i;
/** Ends that say nothing about the state files: they would fail again on empty ones. */
const notTheState =
  /address already in use|no space left|permission denied|read-only file system|too many open files|cannot allocate memory|operation not permitted/i;

/**
 * Starts the server on the kept state. Where it ends at once on files that it made itself (a corrupt database), they are
 * set aside and an empty start is made, once; where that fails as well the files were not to blame, and are put back.
 */
export async function bringUp(input: BringUpInput): Promise<Running> {
  const { found, stateDir, onLog } = input;
  const opened = await openState(stateDir, found);
  if (opened.setAside !== undefined) report(onLog, opened.setAside);
  const onOldFiles = (await readMarker(stateDir)) !== undefined;
  try {
    const up = await startOnFreePorts(input);
    if (!onOldFiles) await markFresh(input);
    return { ...up, fresh: opened.fresh };
  } catch (error) {
    if (!onOldFiles || !blamesState(error)) throw error;
    return await startEmpty(input, error);
  }
}

async function startEmpty(input: BringUpInput, cause: EndedEarly): Promise<Running> {
  const old = await setAside(input.stateDir, cause.message);
  try {
    const up = await startOnFreePorts(input);
    await markFresh(input);
    report(input.onLog, old);
    return { ...up, fresh: true };
  } catch (error) {
    await restoreState(input.stateDir, old.to);
    throw error;
  }
}

const markFresh = ({ stateDir, found: { kind, version } }: BringUpInput) =>
  writeMarker(stateDir, { kind, version, refilled: false });

const report = (onLog: OnTemporalLog, { reason, to }: { reason: string; to: string }) =>
  onLog({
    level: 'warn',
    source: 'temporal-setup',
    msg: 'the state of the embedded Temporal was set aside and an empty one is started; unfinished photos are started again',
    details: { reason, keptIn: to },
  });

const blamesState = (error: unknown): error is EndedEarly =>
  error instanceof EndedEarly && error.exit.startsWith('exit code') && !notTheState.test(error.lastLines.join('\n'));

async function startOnFreePorts(input: BringUpInput): Promise<Omit<Running, 'fresh'>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startServices(input);
    } catch (error) {
      const lostRace = error instanceof EndedEarly && portTaken.test(error.lastLines.join('\n'));
      if (!lostRace || input.port !== 0 || attempt === BLOCK_TRIES) throw error;
    }
  }
}

async function startServices(input: BringUpInput): Promise<Omit<Running, 'fresh'>> {
  const { stateDir, onLog, signal } = input;
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  const either = signal === undefined ? limit : AbortSignal.any([limit, signal]);
  const last = await readLastPorts(stateDir);
  const ports = await choosePorts({ ...input, last });
  await waitForOldMembers({ stateDir, last, ports, onLog, signal: either });
  await writeLastPorts(stateDir, ports);
  const services = (await programsOf({ ...input, ports })).map((named) =>
    createService({ ...named, onLog, onSpawn: (child) => rememberProcess(stateDir, named.name, child.identity) }),
  );
  try {
    for (const service of services) await service.start();
    for (const service of services) await service.ready(either);
    return { ports, services };
  } catch (error) {
    await stopAll(services);
    throw error;
  }
}

/** The UI first: it only asks the server. */
export async function stopAll(services: readonly TemporalService[]): Promise<void> {
  for (const service of services.toReversed()) await service.stop();
}
