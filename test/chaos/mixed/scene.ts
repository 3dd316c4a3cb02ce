import { setTimeout as sleep } from 'node:timers/promises';
import { darkroom } from '../../support/darkroom-command.ts';
import { type Cleanups, type RunningUp, startUp } from '../../support/up.ts';
import type { ChaosHost } from './hosts.ts';
import type { KillKind, PlannedKill } from './plan.ts';
import { cutPower, kill9, pidsOf, processesOf } from './processes.ts';

/** Something that may cut calls off, as it happened. Times in milliseconds since 1970. */
export interface Cut {
  /** `own end`: the engine ended although nobody killed it. */
  readonly kind: KillKind | 'own end';
  readonly from: number;
  readonly to: number;
  /** The one host whose calls it can have cut off. */
  readonly host?: string;
}

/** What was done to a run, and what was seen meanwhile. */
export interface Seen {
  readonly cuts: Cut[];
  /** From two seconds after `pause` was done until `resume` was asked for: nothing may begin. */
  readonly pauses: { readonly from: number; readonly to: number }[];
  /** Promises of `up` itself that were broken, in words. */
  readonly broken: string[];
}

export interface Scene extends Readonly<Seen> {
  readonly dataDir: string;
  act(kill: PlannedKill): Promise<void>;
  /** Every host is there again. */
  settle(): Promise<void>;
  /** Ctrl-C, and looks whether anything stays behind. */
  end(): Promise<void>;
}

export interface SceneOptions {
  readonly folders: readonly string[];
  /** Settings beside those of the hosts. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes the library's own server away, for so long, without waiting for its return. */
  readonly libraryAway: (ms: number) => Promise<void>;
  readonly dataDir: string;
  readonly hostsFile: string;
  readonly hosts: readonly ChaosHost[];
  readonly say: (line: string) => void;
}

/** docs/control.md: everything stands still within about two seconds. */
const standsStillMs = 2_000;
/** A command that needs Temporal is asked again while it is just away. */
const commandLimitMs = 120_000;

/** A real `up`, and what is done to it. */
export async function createScene(t: Cleanups, options: SceneOptions): Promise<Scene> {
  const { dataDir, hosts, libraryAway, say } = options;
  const seen: Seen = { cuts: [], pauses: [], broken: [] };
  const restarts = createRestarts(t, options, seen);
  const backs = new Map<string, Promise<void>>();
  await restarts.start();

  const cut = (kind: Cut['kind'], pids: readonly number[]) => {
    const from = Date.now();
    kill9(pids);
    seen.cuts.push({ kind, from, to: Date.now() });
  };
  const byKind: Record<KillKind, (kill: PlannedKill) => Promise<void>> = {
    engine: async () => cut('engine', await pidsOf(dataDir, 'engine')),
    temporal: async () => cut('temporal', await pidsOf(dataDir, 'temporal')),
    database: async () => cut('database', await pidsOf(dataDir, 'postgres')),
    async host({ host: at, lastsMs }) {
      const host = hosts[at];
      if (host === undefined) return;
      await backs.get(host.name);
      const from = Date.now();
      await host.kill9();
      seen.cuts.push({ kind: 'host', from, to: Date.now(), host: host.name });
      backs.set(
        host.name,
        sleep(lastsMs).then(() => host.back()),
      );
    },
    // Cuts no call off: it is no reason to ask a model again.
    immich: async ({ lastsMs }) => await libraryAway(4 * lastsMs),
    supervisor: async () =>
      await restarts.again(async (up) => {
        const from = Date.now();
        await up.kill();
        seen.cuts.push({ kind: 'supervisor', from, to: Date.now() });
      }),
    everything: async () =>
      await restarts.again(async (up) => {
        const from = Date.now();
        await cutPower(dataDir);
        await up.exited;
        seen.cuts.push({ kind: 'everything', from, to: Date.now() });
      }),
    drain: async (kill) => await restarts.again(async (up) => await drain(up, kill, seen)),
  };
  const act = async (kill: PlannedKill) => {
    const how = kill.kind === 'drain' && kill.hurry ? ', with a second SIGTERM' : '';
    say(`kill: ${kill.kind}${how}${kill.paused ? ', during a pause' : ''}`);
    await byKind[kill.kind](kill);
  };
  return {
    ...seen,
    dataDir,
    act: async (kill) => (kill.paused ? await duringPause(dataDir, kill, seen, () => act(kill)) : await act(kill)),
    settle: async () => void (await Promise.all(backs.values())),
    async end() {
      await restarts.end();
      for (const { pid, role } of processesOf(dataDir)) seen.broken.push(`process ${pid} (${role}) was left behind`);
    },
  };
}

/** One `up` after the other. One that ends although nobody asked it to is a broken promise, and is started again. */
function createRestarts(t: Cleanups, { folders, env: more, dataDir, hostsFile }: SceneOptions, seen: Seen) {
  const asked = new WeakSet<RunningUp>();
  let up: RunningUp | undefined;
  const start = async () => {
    const env = { ...more, VISION_HOSTS_FILE: hostsFile };
    const mine = await startUp(t, { folders, hosts: [], dataDir, env });
    up = mine;
    // Comes before the end that startUp gives it.
    t.after(() => asked.add(mine));
    void watch(mine);
  };
  const watch = async (mine: RunningUp) => {
    const timer = setInterval(noteOwnEnds(mine, seen), 50);
    const code = await mine.exited;
    clearInterval(timer);
    if (asked.has(mine)) return;
    seen.broken.push(`up ended by itself with ${code}:\n${mine.lines.slice(-5).join('\n')}`);
    await start();
  };
  const now = (): RunningUp => {
    if (up === undefined) throw new Error('nothing was started yet');
    return up;
  };
  return {
    start,
    async again(end: (up: RunningUp) => Promise<void>) {
      const last = now();
      asked.add(last);
      await end(last);
      await start();
    },
    async end() {
      asked.add(now());
      const { code } = await now().stop();
      if (code !== 0) seen.broken.push(`Ctrl-C at the end: exit code ${code}`);
    },
  };
}

/** The engine is crash-only: what it was doing when it ended by itself was in flight, too. */
function noteOwnEnds({ lines }: RunningUp, { cuts }: Seen): () => void {
  let read = 0;
  return () => {
    const fresh = lines.slice(read);
    read = lines.length;
    if (!fresh.some((line) => /^The engine ended \((?!signal SIGKILL)/.test(line))) return;
    // Its last words may take a while to come.
    cuts.push({ kind: 'own end', from: Date.now() - 500, to: Date.now() });
  };
}

async function drain(up: RunningUp, { hurry, lastsMs }: PlannedKill, { cuts, broken }: Seen): Promise<void> {
  // Before its first line it does not listen yet.
  await up.said(/^Darkroom /);
  const began = Date.now();
  up.signal('SIGTERM');
  if (hurry) {
    await Promise.race([sleep(lastsMs), up.exited]);
    const from = Date.now();
    up.signal('SIGTERM');
    cuts.push({ kind: 'drain', from, to: from + 500 });
  }
  const code = await up.exited;
  const ms = Date.now() - began;
  if (code !== 0) broken.push(`SIGTERM: exit code ${code} after ${ms} ms`);
}

async function duringPause(dataDir: string, { lastsMs }: PlannedKill, { pauses }: Seen, act: () => Promise<void>) {
  await command(dataDir, 'pause', 'describe');
  const from = Date.now() + standsStillMs;
  await act();
  await sleep(standsStillMs + lastsMs);
  pauses.push({ from, to: Date.now() });
  await command(dataDir, 'resume');
}

async function command(dataDir: string, ...args: string[]): Promise<void> {
  for (const until = Date.now() + commandLimitMs; ; await sleep(300)) {
    const { code, err } = await darkroom(args, { DARKROOM_DATA_DIR: dataDir });
    if (code === 0) return;
    if (Date.now() > until) throw new Error(`darkroom ${args.join(' ')}: exit code ${code}: ${err}`);
  }
}
