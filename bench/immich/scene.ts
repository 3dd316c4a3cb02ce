import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ImmichProcess, startImmichProcess } from '../../test/support/immich/start-process.ts';
import { type ScriptedHost, startScriptedHost } from '../../test/support/scripted-host.ts';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.ts';
import { type RunningUp, startUp } from '../../test/support/up.ts';

/** A scripted Immich with photos, a model that answers at once, and the real `darkroom up` between them. */
export interface Scene {
  /** The one that runs now. */
  readonly immich: () => ImmichProcess;
  readonly host: ScriptedHost;
  /** Of the photos in Immich. */
  readonly ids: readonly string[];
  /** Starts `up`, again in the same data folder. */
  readonly start: () => Promise<RunningUp>;
  /** kill -9 of Immich; it comes back with all it knew, at the same address. */
  readonly killImmich: () => Promise<void>;
  readonly restoreImmich: () => Promise<void>;
}

export interface SceneOptions {
  readonly assets: number;
  readonly policy?: string;
  /** Immich keeps its state in a file, and can be killed. */
  readonly mortal?: boolean;
}

/** As in a library that was there before Darkroom: what came in the last minutes is also found by the poll for new photos. */
const longAgo = Date.UTC(2025, 0, 1);

/** Makes the scene, plays it, and takes everything away. */
export async function inScene<T>(
  { assets, policy = 'none', mortal = false }: SceneOptions,
  play: (scene: Scene) => Promise<T>,
) {
  const home = await makeTemporaryFolder();
  const ends: (() => unknown)[] = [() => rm(home, { recursive: true, force: true, maxRetries: 3 })];
  try {
    const kept = mortal && { stateFile: path.join(home, 'immich.jsonl') };
    let immich = await startImmichProcess({ ...kept });
    ends.push(() => immich.stop());
    const host = await startScriptedHost({ serialise: false });
    ends.push(() => host.off());
    const [user] = immich.users;
    if (user === undefined) throw new Error('an Immich has a user');
    const ids = await immich.call('addAssets', user.id, assets, { createdAt: longAgo });
    const env = {
      IMMICH_API_URL: immich.url,
      IMMICH_API_KEY: user.key,
      OVERWRITE_POLICY: policy,
      FIRST_LOOK: '0',
      IMMICH_PEOPLE_WAIT: '0s',
    };
    const up = { folders: [], hosts: [host.url], dataDir: path.join(home, 'data'), env };
    const port = Number(new URL(immich.url).port);
    return await play({
      immich: () => immich,
      host,
      ids,
      start: () => startUp({ after: (end) => void ends.push(end) }, up),
      killImmich: () => immich.kill(),
      restoreImmich: async () => {
        immich = await startImmichProcess({ ...kept, port });
      },
    });
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

const limitMs = 3_600_000;

/** Looks once a second until so many photos have come to an end; looks that meet a database under way are made again. */
export async function untilEnded(up: RunningUp, photos: number): Promise<void> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(1_000)) {
    const counts = await up.counts().catch(() => undefined);
    if (counts !== undefined && counts.done + counts.skipped + counts.parked >= photos) return;
  }
  throw new Error(`not ended within ${limitMs / 1_000} s:\n${up.lines.slice(-20).join('\n')}`);
}

/** What is told beside the figures. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);
