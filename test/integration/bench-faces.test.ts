import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const program = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const printed = z.strictObject({
  bench: z.literal('faces'),
  vectors: z.number(),
  knnMs: z.strictObject({ p50: z.number().positive(), p95: z.number().positive() }),
  recall: z.number(),
  clusterSeconds: z.number().positive(),
  pairwiseF1: z.number(),
  embeddingsMbPerSecond: z.number().positive(),
  embeddingsPeakMb: z.number().positive(),
  mergeSeconds: z.number().positive(),
  unmergeSeconds: z.number().positive(),
  detect: z.strictObject({ photosPerSecond: z.number().positive(), utilisation: z.number().positive() }),
});

test(
  'the bench of faces runs in a small size, finds what is near and tells people apart',
  { timeout: 600_000 },
  async (t) => {
    const child = spawn(process.execPath, [program, 'faces', '--quick'], { stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill());
    const [out, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    assert.equal(code, 0, told);
    t.diagnostic(out);
    const { recall, pairwiseF1 } = printed.parse(JSON.parse(out.trim().split('\n').at(-1) ?? ''));
    assert.ok(recall >= 0.98, out);
    assert.ok(pairwiseF1 >= 0.97, out);
  },
);
