import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createVisionHosts } from '../../adapters/vision-hosts.ts';
import { plainHost } from '../../domain/vision-host.ts';
import { conditions } from '../support/scripted-host-call.ts';
import { suiteRecipe } from '../suites/vision-model.suite.ts';

test('a scripted host of its own process does as it is told over HTTP and counts finished calls per picture', async (t) => {
  const script = fileURLToPath(new URL('../support/scripted-host.ts', import.meta.url));
  const child = spawn(process.execPath, [script, '--first-byte-ms', '5'], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [first] = z.array(z.string()).parse(await once(createInterface({ input: child.stdout }), 'line'));
  const { url, model } = z.object({ url: z.string(), model: z.string() }).parse(JSON.parse(first ?? ''));
  const vision = createVisionHosts([plainHost(url, model)]);
  t.after(() => vision.close());
  const jpeg = Buffer.from('a picture');
  const signal = AbortSignal.timeout(20_000);
  const describe = async () =>
    await vision.describe({ host: url, model, recipe: suiteRecipe, prompt: 'x', conditions, jpeg, signal });
  const tell = async (body: object) =>
    await fetch(`${url}/_script`, { method: 'POST', body: JSON.stringify(body), signal });

  const { text } = await describe();
  await tell({ next: [{ status: 500, body: '{"error":"out of memory"}' }, { reset: 'mid-body' }] });
  await assert.rejects(describe(), { code: 'HostFailed' });
  await assert.rejects(describe(), { code: 'HostBroke' });
  assert.equal((await describe()).text, text);
  assert.equal((await tell({ nonsense: true })).status, 400);

  const picture = createHash('sha256').update(jpeg).digest('hex');
  const log: unknown = await (await fetch(`${url}/_log`, { signal })).json();
  assert.deepEqual(log, {
    calls: 4,
    finished: 2,
    atOnce: 0,
    mostAtOnce: 1,
    loads: 0,
    pictures: { [picture]: { calls: 4, finished: 2 } },
  });
  child.stdin.end();
  await once(child, 'exit');
  assert.equal(child.exitCode, 0);
});
