import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { SeedResult } from './one-seed.ts';

const program = fileURLToPath(new URL('./one-seed.ts', import.meta.url));
const printed: z.ZodType<SeedResult> = z.object({
  seed: z.number(),
  knnMs: z.object({ p50: z.number(), p95: z.number() }),
  recall: z.number(),
  pairwiseF1: z.number(),
  people: z.number(),
  clusterSeconds: z.number(),
  readSeconds: z.number(),
  indexMb: z.number(),
});

export interface SeedInput {
  readonly seed: number;
  readonly faces: number;
  readonly people: number;
  /** How many faces are looked for one by one, with a clock. */
  readonly searches: number;
}

/** In a process of its own, so that what it holds is the index and nothing of another seed. */
export async function runSeed(input: SeedInput): Promise<SeedResult> {
  const args = Object.entries(input).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const child = spawn(process.execPath, ['--expose-gc', program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`seed ${input.seed} ended with ${String(code)}`);
  return printed.parse(JSON.parse(out));
}
