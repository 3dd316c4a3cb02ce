import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createFacePool } from '../../adapters/face-service/face-pool.ts';
import { createFaceService } from '../../adapters/face-service/face-service.ts';
import { makePhoto } from '../../test/support/pictures.ts';

const concurrency = 8;
const size = { width: 1344, height: 1008 };

/** A scripted service in a process of its own: SIMULATED, as long as it is told for each picture, all at the same time. */
async function startService(callMs: number) {
  const file = new URL('../../test/support/scripted-faces.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [file, '--after-ms', String(callMs)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line]: unknown[] = await once(createInterface(child.stdout), 'line');
  const { url } = z.object({ url: z.string() }).parse(JSON.parse(z.string().parse(line)));
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  return { url, stop };
}

export interface DetectResult {
  readonly photosPerSecond: number;
  /** Share of the time of all slots in which the service worked on a picture. */
  readonly utilisation: number;
}

/** As the worker does it: a permit, then a lease and the call, in `concurrency` loops. */
export async function measureDetect({ photos = 800, callMs = 100 } = {}): Promise<DetectResult> {
  const jpeg = await makePhoto({ seed: 1, ...size });
  const service = await startService(callMs);
  const limits = { connectMs: 5_000, firstMs: 60_000, callMs: 60_000 };
  const client = createFaceService({ api: 'immich-ml', url: service.url, model: 'buffalo_l', minScore: 0.7, limits });
  const log = { info: () => undefined, warn: () => undefined };
  const pool = createFacePool({ services: [client], api: 'immich-ml', slots: concurrency, log });
  const { signal } = new AbortController();
  let next = 0;
  const work = async (until: number) => {
    while (next < until) {
      const photo = String(next++);
      const permit = await pool.permits.reserve(signal);
      const { faces } = await pool.detect({ photo, jpeg, ...size, signal });
      if (faces.length !== 2) throw new Error(`${faces.length} faces in place of 2`);
      pool.permits.release(permit);
    }
  };
  const all = async (until: number) => await Promise.all(Array.from({ length: concurrency }, () => work(until)));
  try {
    await all(concurrency * 4);
    const begun = performance.now();
    await all(concurrency * 4 + photos);
    const seconds = (performance.now() - begun) / 1_000;
    return { photosPerSecond: photos / seconds, utilisation: (photos * callMs) / 1_000 / (concurrency * seconds) };
  } finally {
    await pool.close();
    await service.stop();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { photos: { type: 'string', default: '800' } } });
  process.stdout.write('The face service is SIMULATED and takes 100 ms for a picture.\n');
  const { photosPerSecond, utilisation } = await measureDetect({ photos: Number(values.photos) });
  const detect = {
    photosPerSecond: Number(photosPerSecond.toFixed(1)),
    utilisation: Number(utilisation.toFixed(3)),
  };
  process.stdout.write(`${JSON.stringify({ bench: 'faces', detect })}\n`);
}

if (import.meta.main) await main();
