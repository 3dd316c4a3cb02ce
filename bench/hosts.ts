import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makePhotos } from './engine/photos.ts';
import { runSet, type SetResult } from './hosts/one-set.ts';
import { allOff, oneOfThreeDies } from './hosts/outages.ts';
import type { Bench } from './main.ts';

const rounded = (value: number, digits = 3): number => Number(value.toFixed(digits));

/** One line per set: photos, seconds, calls per host, utilisation, the pause between two calls on one slot. */
function say(name: string, { hosts, ...result }: SetResult): void {
  const calls = hosts.map(({ begun, callMs }) => `${begun.length}×${callMs}ms`).join(' ');
  const { photos, seconds, utilisation, gapMs, parked, repeated, attemptsBurnt } = result;
  const about = { photos, seconds: rounded(seconds, 1), utilisation: rounded(utilisation), gapMs: rounded(gapMs, 1) };
  process.stdout.write(`${name}: ${calls} ${JSON.stringify({ ...about, parked, repeated, attemptsBurnt })}\n`);
}

const perSecond = ({ photos, seconds }: SetResult): number => photos / seconds;

async function equalHosts(folder: string, perHost: number) {
  const results = new Map<number, SetResult>();
  for (const count of [1, 2, 4, 8]) {
    const callMs = Array.from({ length: count }, () => 1_000);
    const result = await runSet({ photos: { folder, count: count * perHost }, callMs });
    say(`${count} equal`, result);
    results.set(count, result);
  }
  const one = results.get(1);
  const speedup = [...results].map(([count, result]) => [
    String(count),
    rounded(perSecond(result) / (one === undefined ? Number.NaN : perSecond(one))),
  ]);
  return { speedup: Object.fromEntries(speedup), least: Math.min(...[...results.values()].map((r) => r.utilisation)) };
}

/** Seconds over those of a split in which both hosts are busy to the last. */
async function unequalHosts(folder: string, callMs: readonly number[], photos: number): Promise<number> {
  const result = await runSet({ photos: { folder, count: photos }, callMs });
  say(`unequal ${callMs.join(', ')}`, result);
  const ideal = photos / callMs.reduce((sum, ms) => sum + 1_000 / ms, 0);
  return rounded(result.seconds / ideal);
}

const hosts: Bench = {
  name: 'hosts',
  claim: 'N hosts do N times the work, load follows speed, and outages cost no photo anything',
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { 'per-host': { type: 'string', default: '40' } } });
    const perHost = Number(values['per-host']);
    const home = await mkdtemp(path.join(tmpdir(), 'darkroom-bench-photos-'));
    try {
      await chmod(home, 0o711);
      const folder = path.join(home, 'library');
      await makePhotos(folder, perHost * 8);
      const equal = await equalHosts(folder, perHost);
      const quick = await runSet({ photos: { folder, count: perHost * 6 }, callMs: [200, 200] });
      say('2 of 200 ms', quick);
      const unequal = {
        slowFirst: await unequalHosts(folder, [1_500, 500], perHost * 3),
        fastFirst: await unequalHosts(folder, [500, 1_500], perHost * 3),
      };
      const dies = await oneOfThreeDies(folder, perHost * 6);
      say('one of three dies', dies.result);
      process.stdout.write(
        `  back after ${rounded(dies.backAfterSeconds, 1)} s, then ${rounded(dies.shareAfter)} of the calls\n`,
      );
      const off = await allOff(folder, perHost * 2);
      say('all off for 60 s', off.result);
      return {
        bench: 'hosts',
        speedup: equal.speedup,
        utilisation: { '200ms': rounded(quick.utilisation), '1s': rounded(equal.least) },
        gapMs: { '200ms': rounded(quick.gapMs, 1) },
        unequal,
        outage: { failed: dies.result.parked, repeated: dies.result.repeated },
        allOff: {
          attemptsBurnt: off.result.attemptsBurnt,
          logLines: off.logLines,
          firstAnswerSeconds: rounded(off.firstAnswerSeconds, 2),
        },
      };
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  },
};

export default hosts;
