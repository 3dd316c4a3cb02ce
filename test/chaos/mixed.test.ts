import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const program = fileURLToPath(new URL('./mixed.ts', import.meta.url));
const counted = z.object({
  photos: z.number(),
  described: z.number(),
  parked: z.number(),
  modelCalls: z.number(),
  callsInFlightAtKills: z.number(),
  wrongText: z.number(),
  stillRunning: z.number(),
});

test('60 photos and a kill of everything there is: each is described once, in its own words', async (t) => {
  const child = spawn(process.execPath, [program, '--photos', '60', '--kills', '7', '--seed', '7'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill());
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  assert.equal(code, 0, out);
  const result = counted.parse(JSON.parse(out.trim().split('\n').at(-1) ?? ''));
  t.diagnostic(JSON.stringify(result));
  const { described, parked, modelCalls, callsInFlightAtKills, wrongText, stillRunning } = result;
  assert.deepEqual(
    { described, parked, wrongText, stillRunning },
    { described: 58, parked: 2, wrongText: 0, stillRunning: 0 },
  );
  // 38 different pictures, and one that is refused twice.
  assert.ok(modelCalls >= 40 && modelCalls <= 40 + callsInFlightAtKills, out);
});
