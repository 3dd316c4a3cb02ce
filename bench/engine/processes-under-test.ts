import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const darkroom = fileURLToPath(new URL('../../clients/darkroom.mjs', import.meta.url));
const scriptedHost = fileURLToPath(new URL('../../test/support/scripted-host.ts', import.meta.url));

/** A host that answers at once, in a process of its own, over real HTTP. */
export async function startHost(): Promise<{ url: string; stop(): void }> {
  const child = spawn(process.execPath, [scriptedHost, '--parallel'], { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = z.object({ url: z.string() }).parse(JSON.parse(line));
    return { url, stop: () => void child.stdin.end() };
  }
  throw new Error('The scripted host did not start.');
}

export interface Up {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly readyAt: Promise<number>;
  stop(): Promise<void>;
}

/** `darkroom up` as a person starts it. */
export function startUp(folder: string, dataDir: string, hostUrl: string): Up {
  const env = {
    ...process.env,
    DARKROOM_DATA_DIR: dataDir,
    VISION_HOSTS: hostUrl,
    VISION_MODEL: 'scripted-vl',
    DARKROOM_TEMPORAL_PORT: '0',
    DARKROOM_TEMPORAL_UI_PORT: '0',
    DARKROOM_HTTP_ADDRESS: '127.0.0.1:0',
  };
  const child = spawn(process.execPath, [darkroom, 'up', folder], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const readyAt = new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line === 'ready') resolve(Date.now());
    });
    child.once('exit', () => reject(new Error(`darkroom up ended:\n${lines.join('\n')}`)));
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid ?? 0,
    readyAt,
    async stop() {
      child.kill('SIGINT');
      await exited;
    },
  };
}
