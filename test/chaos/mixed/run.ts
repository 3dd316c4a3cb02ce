import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../../support/pictures.ts';
import type { Cleanups } from '../../support/up.ts';
import type { LoggedCall } from './call-log.ts';
import { type ChaosHost, startHosts } from './hosts.ts';
import { folderSetting, immichSetting, type Setting } from './setting.ts';
import type { PlannedPhoto } from './library.ts';
import { openRuns } from './open-runs.ts';
import { type PlannedKill, planKills } from './plan.ts';
import { type PhotoRow, photoRows } from './rows.ts';
import { createScene, type Scene } from './scene.ts';
import { type Tally, tally } from './tally.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly photos: number;
  readonly kills: number;
  /** What the photos lie in. */
  readonly library: 'folder' | 'immich';
  /** Empty; everything is made in it. */
  readonly home: string;
  readonly say: (line: string) => void;
}

const lastStates: ReadonlySet<string> = new Set(['done', 'parked', 'gone', 'unsupported', 'skipped']);
const openRunsLimitMs = 60_000;
/** Far beyond what it takes: who waits longer has lost something. */
const limitMs = ({ photos, kills }: ChaosOptions): number => 90_000 + photos * 2_000 + kills * 20_000;

/** One run from the making of the photos to the count. */
export async function runChaos(t: Cleanups, options: ChaosOptions): Promise<Tally> {
  const { seed, photos: count, kills, home, library, say } = options;
  const random = seeded(seed);
  const make = library === 'immich' ? immichSetting : folderSetting;
  const setting = await make(t, { home, count, random, say });
  const { photos, kinds } = setting;
  const refuse = photos.flatMap(({ fate, picture }) => (fate === 'refused' && picture !== undefined ? [picture] : []));
  const hosts = await startHosts({ folder: home, seed, refuse });
  t.after(() => Promise.all(hosts.map((host) => host.end())));
  const pictures = new Set(photos.flatMap(({ picture, calls }) => (calls === 'none' ? [] : (picture ?? [])))).size;
  const plan = planKills(random, { kills, pictures, hosts: hosts.length, kinds });
  say(`${count} photos, ${pictures} different pictures for the hosts, ${kills} kills`);
  return await play(t, setting, { ...options, plan, hosts });
}

interface Playing extends ChaosOptions {
  readonly plan: readonly PlannedKill[];
  readonly hosts: readonly ChaosHost[];
}

async function play(t: Cleanups, setting: Setting, playing: Playing): Promise<Tally> {
  const { home, hosts, plan, say } = playing;
  const { photos } = setting;
  const hostsFile = await writeHostsFile(home, hosts);
  const scene = await createScene(t, { ...setting, dataDir: path.join(home, 'data'), hostsFile, hosts, say });
  const calls = () => hosts.flatMap((host) => host.calls());
  const deadline = Date.now() + limitMs(playing);
  await playOut(scene, plan, { calls, deadline });
  await setting.settle();
  const rows = await untilAllEnded(scene, photos, deadline);
  const count = await setting.count(scene.dataDir);
  const stillOpen = await openRuns(scene.dataDir, openRunsLimitMs);
  const last = await photoRows(scene.dataDir).catch(() => rows);
  await scene.end();
  const found = tally({ ...scene, photos, rows: last, calls: calls(), openRuns: stillOpen });
  return count({ found, rows: last, calls: calls() });
}

async function writeHostsFile(home: string, hosts: readonly ChaosHost[]): Promise<string> {
  const file = path.join(home, 'hosts.json');
  await writeFile(file, JSON.stringify({ hosts: hosts.map(({ url, api }) => ({ url, api })) }));
  return file;
}

/** Each kill when so many pictures were asked about, so that all of them meet work under way. */
async function playOut(
  scene: Scene,
  plan: readonly PlannedKill[],
  { calls, deadline }: { calls: () => LoggedCall[]; deadline: number },
): Promise<void> {
  for (const kill of plan) {
    while (new Set(calls().map(({ picture }) => picture)).size < kill.afterPictures) {
      if (Date.now() > deadline) return;
      await sleep(100);
    }
    await sleep(kill.delayMs);
    await scene.act(kill);
  }
  await scene.settle();
}

/** The rows as they are when every photo has come to an end, or when it is too late. */
async function untilAllEnded(scene: Scene, photos: readonly PlannedPhoto[], deadline: number): Promise<PhotoRow[]> {
  for (let rows: PhotoRow[] = []; ; await sleep(500)) {
    rows = await photoRows(scene.dataDir).catch(() => rows);
    const ended = rows.filter(({ state }) => lastStates.has(state)).length;
    if (ended === photos.length || Date.now() > deadline) return rows;
  }
}
