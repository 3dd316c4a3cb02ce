import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../domain/errors.ts';
import { isAlive } from './child.ts';
import { folderFault } from './data-folder.ts';

const Identity = z.object({ pid: z.int().positive(), startedAt: z.string() });

const Target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('url'), url: z.string() }),
  z.object({ kind: z.literal('socket'), socketDir: z.string(), user: z.string(), database: z.string() }),
]);

const runSchema = z.object({
  /** Of Darkroom. */
  version: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  supervisor: Identity,
  processes: z.array(Identity.extend({ name: z.string() })),
  temporal: z.object({ address: z.string(), namespace: z.string(), uiUrl: z.string().optional() }),
  database: Target,
  visionHosts: z.array(z.string()),
  /** Absolute. */
  hostsFile: z.string().optional(),
  /** What came of reading the hosts the last time, for people; `at` in milliseconds since 1970. */
  hostsRead: z.object({ at: z.number(), ok: z.boolean(), text: z.string() }).optional(),
  /** Folders, as absolute paths. */
  libraries: z.array(z.string()),
  /** Absent where nothing is served. `url` for programs on this machine; `host` as it was asked to listen on. */
  http: z.object({ url: z.string(), host: z.string() }).optional(),
  /** What lets one in there. */
  token: z.string().optional(),
});

/** What a running `up` tells `status`, `trace`, `doctor` and the next `up`. */
export type Run = z.infer<typeof runSchema>;

export type RunFound =
  /** Its supervisor lives. */
  | { readonly state: 'running'; readonly run: Run }
  /** Its supervisor was killed; some of its processes may live. */
  | { readonly state: 'stale'; readonly run: Run }
  /** `note` says what is wrong with a file that is there. */
  | { readonly state: 'none'; readonly note: string | undefined };

export const runFilePath = (dataDir: string): string => join(dataDir, 'run.json');

/** Under the run lock. 0600: it holds the token, and a DATABASE_URL with its password. Readers see the old or the new one, whole. */
export async function writeRunFile(dataDir: string, run: Run): Promise<void> {
  const path = runFilePath(dataDir);
  const draft = `${path}.draft`;
  try {
    await rm(draft, { force: true });
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(run, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    throw folderFault(dataDir, error);
  }
}

/** At the end of a clean stop. */
export async function removeRunFile(dataDir: string): Promise<void> {
  await rm(runFilePath(dataDir), { force: true });
}

/** Never throws for what is in the file: a damaged one is as good as none. */
export async function readRunFile(dataDir: string): Promise<RunFound> {
  const path = runFilePath(dataDir);
  try {
    const { data, error } = runSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (error !== undefined) return { state: 'none', note: `${path} is not understood: ${z.prettifyError(error)}` };
    return { state: isAlive(data.supervisor) ? 'running' : 'stale', run: data };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'none', note: undefined };
    if (code === 'EACCES')
      return { state: 'none', note: `${path} belongs to another user: ask as the user who runs Darkroom` };
    return { state: 'none', note: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}
