import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { z } from 'zod';
import { createVisionHosts } from '../../adapters/vision-hosts.ts';
import { plainHost } from '../../domain/vision-host.ts';
import { conditions } from '../support/scripted-host-call.ts';
import { measurePicture, wordsFor } from '../../clients/demo/picture-words.ts';
import { simulatedModel, startSimulatedHost } from '../../clients/demo/simulated-host.ts';
import { freePort } from '../support/free-port.ts';
import { suiteRecipe, visionModelSuite } from '../suites/vision-model.suite.ts';

const red = { r: 200, g: 20, b: 20 };
const blue = { r: 30, g: 60, b: 220 };
const plain = async (background: { r: number; g: number; b: number }, width = 320, height = 240) =>
  await sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();

visionModelSuite('Ollama on the simulated host', async (t) => {
  const host = await startSimulatedHost({ port: 0, answerMs: 40 });
  const getModel = (model: string) => `ollama pull ${model}`;
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const vision = createVisionHosts([host.url, nobody].map((url) => plainHost(url, simulatedModel)));
  t.after(async () => {
    await vision.close();
    await host.close();
  });
  return { vision, host: host.url, model: simulatedModel, jpeg: await plain(red), nobody, getModel };
});

test('runs as a process of its own, says where, tells what it sees as SIMULATED, and ends with its stdin', async (t) => {
  const script = fileURLToPath(new URL('../../clients/demo/simulated-host.ts', import.meta.url));
  const child = spawn(process.execPath, [script, '--answer-ms', '10'], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [first] = z.array(z.string()).parse(await once(createInterface({ input: child.stdout }), 'line'));
  const { url } = z.object({ url: z.string() }).parse(JSON.parse(first ?? ''));
  const vision = createVisionHosts([plainHost(url, simulatedModel)]);
  t.after(() => vision.close());
  const signal = AbortSignal.timeout(20_000);
  const call = { host: url, model: simulatedModel, recipe: suiteRecipe, prompt: 'x', conditions, signal };
  const description = await vision.describe({ ...call, jpeg: await plain(blue) });
  assert.equal(description.simulated, true);
  assert.match(description.text, /^SIMULATED: A wide picture of 320 × 240 pixels, mostly blue \(100 %\)/);
  await assert.rejects(vision.describe({ ...call, jpeg: Buffer.from('no picture') }), {
    code: 'Undecodable',
    host: url,
  });
  child.stdin.end();
  await once(child, 'exit');
  assert.equal(child.exitCode, 0);
});

test('what it says follows from the picture: colours, light and edges', async () => {
  const say = async (picture: Buffer) => wordsFor(await measurePicture(picture));
  assert.match(
    await say(await plain(red, 100, 200)),
    /^A tall picture of 100 × 200 pixels, mostly red \(100 %\)\..*dark.*calm/,
  );
  const white = { create: { width: 200, height: 100, channels: 3 as const, background: '#ffffff' } };
  const sky = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#126312' } })
    .composite([{ input: white, top: 0, left: 0 }])
    .jpeg()
    .toBuffer();
  assert.match(
    await say(sky),
    /^A square picture.*mostly (white|green) \((49|50|51) %\), with some.*lighter in its upper half/,
  );
  const noise = await sharp({
    create: { width: 96, height: 96, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 60 }, background: red },
  })
    .png()
    .toBuffer();
  assert.match(await say(noise), /busy/);
});
