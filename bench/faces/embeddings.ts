import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { usageOf } from '../processes.ts';
import { library } from './database.ts';

const program = fileURLToPath(new URL('./embeddings-server.ts', import.meta.url));
const started = z.object({ port: z.number() });
const answer = z.object({ faces: z.array(z.object({ embedding: z.string() })) });
const pageSize = 1_000;
const vectorBytes = 2_048;
const lookMs = 50;

/** All vectors over HTTP, a page after another: MB of vectors a second, and PSS of the process that gives them at its peak. */
export async function measureEmbeddings(socketDir: string, faces: number) {
  const server = spawn(process.execPath, [program, socketDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = z.tuple([z.string()]).parse(await once(createInterface({ input: server.stdout }), 'line'));
  const { port } = started.parse(JSON.parse(line));
  let peakMb = 0;
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, usageOf([server.pid ?? 0]).pssMb);
  }, lookMs);
  try {
    const begun = performance.now();
    let bytes = 0;
    for (let offset = 0; offset < faces; offset += pageSize) bytes += await pageBytes(port, offset);
    const seconds = (performance.now() - begun) / 1_000;
    if (bytes !== faces * vectorBytes) throw new Error(`${bytes} bytes in place of ${faces * vectorBytes}`);
    return { mbPerSecond: bytes / 1e6 / seconds, peakMb };
  } finally {
    clearInterval(timer);
    server.stdin.end();
    await once(server, 'exit');
  }
}

async function pageBytes(port: number, offset: number): Promise<number> {
  const url = new URL(`http://127.0.0.1:${port}/faces/embeddings`);
  url.search = new URLSearchParams({ library, limit: `${pageSize}`, offset: `${offset}` }).toString();
  const response = await fetch(url, {
    signal: AbortSignal.timeout(60_000),
  });
  const { faces } = answer.parse(await response.json());
  return faces.reduce((sum, { embedding }) => sum + Buffer.from(embedding, 'base64').length, 0);
}
