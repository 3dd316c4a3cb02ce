import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Bench } from './main.ts';

const numbers = z.record(z.string(), z.number());
const throughput = z.object({
  seconds: z.number(),
  assetsPerSecond: numbers,
  cpuMsPerAsset: numbers,
  referenceMs: numbers,
  peakMb: numbers,
  eventsPerAsset: z.number(),
  bytesPerAsset: z.number(),
  largestHistoryEvents: z.number(),
});
const million = z.object({ seconds: z.number(), mb: z.number(), calls: z.number(), largestHistoryEvents: z.number() });
const steering = z.object({
  newUploadSeconds: z.number(),
  reprioritiseFirstSeconds: z.number(),
  reprioritiseSeconds: z.number(),
  pauseSeconds: z.number(),
  resumeSeconds: z.number(),
});

/** As the engine has it (workers/engine-child.ts). */
const heap = ['--max-semi-space-size=8', '--max-old-space-size=1024'];

/** In a process of its own, so that no part sees the memory of another one. What it printed last is shown, and parsed. */
async function part<S extends z.ZodType>(name: string, schema: S, args: readonly string[]): Promise<z.output<S>> {
  const program = fileURLToPath(new URL(`./backfill/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [...heap, program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [out] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const last = out.trim().split('\n').at(-1) ?? '';
  process.stdout.write(`${name} ${args.join(' ')}: ${last}\n`);
  return schema.parse(JSON.parse(last));
}

const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const medians = (records: readonly Readonly<Record<string, number>>[], digits: number) =>
  Object.fromEntries(
    Object.keys(records[0] ?? {}).map((mark) => [
      mark,
      rounded(median(records.map((one) => one[mark] ?? Number.NaN)), digits),
    ]),
  );

type Throughput = z.infer<typeof throughput>;

/** Medians of all rounds at each mark. */
function alongOne(rounds: readonly Throughput[]) {
  const usual = median(rounds.flatMap(({ referenceMs }) => Object.values(referenceMs)));
  const atOneSpeed = ({ assetsPerSecond, referenceMs }: Throughput) =>
    Object.fromEntries(
      Object.entries(assetsPerSecond).map(([mark, rate]) => [mark, (rate * (referenceMs[mark] ?? Number.NaN)) / usual]),
    );
  const at = (of: (one: Throughput) => Readonly<Record<string, number>>, digits: number) =>
    medians(rounds.map(of), digits);
  return {
    assetsPerSecond: at((one) => one.assetsPerSecond, 1),
    // As if the machine had been as fast throughout as it was at half of the marks.
    assetsPerSecondAtOneSpeed: at(atOneSpeed, 1),
    referenceMs: at((one) => one.referenceMs, 2),
    cpuMsPerAsset: at((one) => one.cpuMsPerAsset, 1),
    peakMb: at((one) => one.peakMb, 0),
    eventsPerAsset: rounded(median(rounds.map((one) => one.eventsPerAsset))),
    bytesPerAsset: rounded(median(rounds.map((one) => one.bytesPerAsset)), 0),
    largestHistoryEvents: Math.max(...rounds.map((one) => one.largestHistoryEvents)),
  };
}

const bench: Bench = {
  name: 'backfill',
  claim: 'A backfill is as fast at its end as at its beginning, in the same memory, and obeys within seconds',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        assets: { type: 'string', default: '20000' },
        rounds: { type: 'string', default: '3' },
        rows: { type: 'string', default: '1000000' },
      },
    });
    const assets = Number(values.assets);
    const marks = [1 / 20, 1 / 4, 1 / 2, 3 / 4, 1].map((share) => String(assets * share));
    const rounds: Throughput[] = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      rounds.push(await part('throughput', throughput, [values.assets, ...marks]));
    }
    const { seconds, mb, calls } = await part('million', million, [values.rows]);
    const steered = await part('steering', steering, ['20', String(assets / 20)]);
    return {
      bench: 'backfill',
      ...alongOne(rounds),
      million: { seconds: rounded(seconds, 1), mb: rounded(mb, 0), calls },
      newUploadSeconds: rounded(steered.newUploadSeconds),
      reprioritiseFirstSeconds: rounded(steered.reprioritiseFirstSeconds),
      reprioritiseSeconds: rounded(steered.reprioritiseSeconds),
      pauseSeconds: rounded(steered.pauseSeconds),
      resumeSeconds: rounded(steered.resumeSeconds),
    };
  },
};

export default bench;
