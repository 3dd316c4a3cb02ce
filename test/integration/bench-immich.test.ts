import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const program = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const printed = z.strictObject({
  bench: z.literal('immich'),
  assets: z.number(),
  photosPerSecond: z.number().positive(),
  requestsPerDescribed: z.number(),
  requestsPerFinished: z.number(),
  restartSeconds: z.number().positive(),
  restartDownloads: z.number(),
  outage: z.strictObject({ repeated: z.number(), lost: z.number() }),
  humanEditsLost: z.number(),
});

test(
  'the bench of Immich runs in a small size, and nothing in it is lost or done twice',
  { timeout: 600_000 },
  async (t) => {
    const child = spawn(process.execPath, [program, 'immich', '--quick'], { stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill());
    const [out, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    t.diagnostic(told);
    assert.equal(code, 0, told);
    const found = printed.parse(JSON.parse(out.trim().split('\n').at(-1) ?? ''));
    assert.deepEqual([found.restartDownloads, found.outage, found.humanEditsLost], [0, { repeated: 0, lost: 0 }, 0]);
    // A preview, a last look, the text, and a part of a request for what is left beside it; pages and the start besides.
    assert.ok(found.requestsPerDescribed <= 4.2, told);
  },
);
