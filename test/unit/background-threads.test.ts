import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { yieldDecoding } from '../../runtime/background-threads.ts';

test('threads that decode stand back, the main thread does not', async () => {
  const before = getPriority(process.pid);
  const count = await yieldDecoding();
  if (process.platform !== 'linux') return assert.equal(count, 0);
  const decoding = readdirSync('/proc/self/task').filter(
    (thread) => readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim() === 'libuv-worker',
  );
  assert.ok(count > 0);
  assert.equal(decoding.length, count);
  for (const thread of decoding) assert.equal(getPriority(Number(thread)), 10);
  assert.equal(getPriority(process.pid), before);
});
