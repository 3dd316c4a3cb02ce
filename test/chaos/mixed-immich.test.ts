import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const program = fileURLToPath(new URL('./mixed.ts', import.meta.url));
const counted = z.object({
  seed: z.number(),
  photos: z.number(),
  described: z.number(),
  parked: z.number(),
  modelCalls: z.number(),
  callsInFlightAtKills: z.number(),
  wrongText: z.number(),
  stillRunning: z.number(),
  humanTextLost: z.number(),
});

test('40 photos of an Immich that is killed, upgraded and typed in, as is all else killed: each text is where it belongs', async (t) => {
  const args = ['--library', 'immich', '--photos', '40', '--kills', '8', '--seed', '4'];
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  t.diagnostic(out);
  assert.equal(code, 0, out);
  const result = counted.parse(JSON.parse(out.trim().split('\n').at(-1) ?? ''));
  const { described, parked, wrongText, stillRunning, humanTextLost } = result;
  // Policy none: of 40, two are parked, one is deleted, and six have a text of a person before ours could be written.
  assert.deepEqual(
    { described, parked, wrongText, stillRunning, humanTextLost },
    { described: 31, parked: 2, wrongText: 0, stillRunning: 0, humanTextLost: 0 },
  );
});
