import { z } from 'zod';
import type { FoundServer } from './find.ts';
import { rememberProcess } from './leftovers.ts';
import { readLastPorts, waitForOldMembers, writeLastPorts } from './last-ports.ts';
import type { OnTemporalLog } from './log-lines.ts';
import { choosePorts, type Ports } from './ports.ts';
import { programsOf } from './programs.ts';
import { createService, EndedEarly, type TemporalService } from './service.ts';
import { type Marker, openState, restoreState, setAside, writeMarker } from './state.ts';

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
  /** As it stands beside the state files now. */
  readonly marker: Marker;
}

type Started = Omit<Running, 'marker'>;

const ClusterInfo = z.object({ clusterId: z.string().min(1) });
const ANSWER_LIMIT_MS = 5_000;

/** Loaded machines took 2.8 s for a first start; see last-ports.ts for the wait of 21 s that may come before. */
const START_LIMIT_MS = 90_000;
/** A free block may be taken by another program between the look and the start. */
const BLOCK_TRIES = 3;
/** A system that runs out of memory may kill the server just then: that is no reason for `up` to end. */
const KILLED_TRIES = 3;

const portTaken = /address already in use/i;
/** Ends that say nothing about the state files: they would fail again on empty ones. */
const notTheState =
  /address already in use|no space left|permission denied|read-only file system|too many open files|cannot allocate memory|operation not permitted/i;

/**
 * Starts the server on the kept state. Where it ends at once on files that it made itself (a corrupt database), they are
 * set aside and an empty start is made, once; where that fails as well the files were not to blame, and are put back.
 */
export async function bringUp(input: BringUpInput): Promise<Running> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await bringUpOnce(input);
    } catch (error) {
      // All of it once more: one that was killed in its first start may have left half a schema.
      if (!wasKilled(error) || attempt === KILLED_TRIES) throw error;
      input.onLog({ level: 'warn', source: 'temporal-setup', msg: `${error.message}; it is started again` });
    }
  }
}

const wasKilled = (error: unknown): error is EndedEarly =>
  error instanceof EndedEarly && error.exit.startsWith('signal');

async function bringUpOnce(input: BringUpInput): Promise<Running> {
  const marker = await prepareState(input);
  try {
    const up = await startOnFreePorts(input);
    return { ...up, marker: await confirmMarker(input, up, marker) };
  } catch (error) {
    if (marker === undefined || !blamesState(error)) throw error;
    return await startEmpty(input, error);
  }
}

/** The folder is there after it, with files to go on with where it answers a marker, else with none. */
export async function prepareState({
  found,
  stateDir,
  onLog,
}: Pick<BringUpInput, 'found' | 'stateDir' | 'onLog'>): Promise<Marker | undefined> {
  const { marker, setAside: gone } = await openState(stateDir, found);
  if (gone !== undefined) report(onLog, gone);
  return marker;
}

async function startEmpty(input: BringUpInput, cause: EndedEarly): Promise<Running> {
  const old = await setAside(input.stateDir, cause.message);
  try {
    const up = await startOnFreePorts(input);
    report(input.onLog, old);
    return { ...up, marker: await confirmMarker(input, up, undefined) };
  } catch (error) {
    await restoreState(input.stateDir, old.to);
    throw error;
  }
}

/** Written only now: see openState. A server that does not know its own id any more knows no workflow either. */
async function confirmMarker(
  { stateDir, found: { kind, version } }: BringUpInput,
  { services, ports }: Started,
  old: Marker | undefined,
): Promise<Marker> {
  try {
    const clusterId = await readClusterId(ports);
    if (old?.clusterId === clusterId) return old;
    const marker = { kind, version, clusterId, refilled: false };
    await writeMarker(stateDir, marker);
    return marker;
  } catch (error) {
    await stopAll(services);
    throw error;
  }
}

async function readClusterId(ports: Ports): Promise<string> {
  const url = `http://127.0.0.1:${ports.http}/api/v1/cluster-info`;
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  return ClusterInfo.parse(await response.json()).clusterId;
}

const report = (onLog: OnTemporalLog, { reason, to }: { reason: string; to: string }) =>
  onLog({
    level: 'warn',
    source: 'temporal-setup',
    msg: 'the state of the embedded Temporal was set aside and an empty one is started; unfinished photos are started again',
    details: { reason, keptIn: to },
  });

const blamesState = (error: unknown): error is EndedEarly =>
  error instanceof EndedEarly && error.exit.startsWith('exit code') && !notTheState.test(error.lastLines.join('\n'));

async function startOnFreePorts(input: BringUpInput): Promise<Started> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startServices(input);
    } catch (error) {
      const lostRace = error instanceof EndedEarly && portTaken.test(error.lastLines.join('\n'));
      if (!lostRace || input.port !== 0 || attempt === BLOCK_TRIES) throw error;
    }
  }
}

async function startServices(input: BringUpInput): Promise<Started> {
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
