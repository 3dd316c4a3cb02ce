import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { usageOf } from '../processes.ts';
import { library } from './database.ts';

const program = fileURLToPath(new URL('./embeddings-server.ts', import.meta.url));
const started = z.object({ url: z.string() });
const answer = z.object({ faces: z.array(z.object({ embedding: z.string() })), next: z.string().optional() });
const token = 'of-this-bench-only';
const pageSize = 1_000;
const vectorBytes = 2_048;
const lookMs = 50;

/** All vectors over HTTP, a page after another: MB of vectors a second, and PSS of the process that gives them at its peak. */
export async function measureEmbeddings(socketDir: string, faces: number) {
  const server = spawn(process.execPath, [program, socketDir, token], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = z.tuple([z.string()]).parse(await once(createInterface({ input: server.stdout }), 'line'));
  const { url } = started.parse(JSON.parse(line));
  let peakMb = 0;
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, usageOf([server.pid ?? 0]).pssMb);
  }, lookMs);
  try {
    const begun = performance.now();
    const bytes = await readAll(url);
    const seconds = (performance.now() - begun) / 1_000;
    if (bytes !== faces * vectorBytes) throw new Error(`${bytes} bytes in place of ${faces * vectorBytes}`);
    return { mbPerSecond: bytes / 1e6 / seconds, peakMb };
  } finally {
    clearInterval(timer);
    server.stdin.end();
    await once(server, 'exit');
  }
}

async function readAll(base: string): Promise<number> {
  const url = new URL('/faces/embeddings', base);
  const headers = { authorization: `Bearer ${token}` };
  let bytes = 0;
  for (let after: string | undefined; ;) {
    const query = { library, limit: `${pageSize}`, ...(after !== undefined && { after }) };
    url.search = new URLSearchParams(query).toString();
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(60_000) });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    const { faces, next } = answer.parse(await response.json());
    for (const { embedding } of faces) bytes += Buffer.from(embedding, 'base64').length;
    if (next === undefined) return bytes;
    after = next;
  }
}
