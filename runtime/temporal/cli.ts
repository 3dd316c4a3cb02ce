import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { isRecentEnough, OLDEST_SERVER } from './versions.ts';

const run = promisify(execFile);
const VERSION_LIMIT_MS = 10_000;

/** A way that gave a server, or why it did not, in words that follow the way's name. */
export type Attempt<T> = { readonly found: T } | { readonly reason: string };

export interface UsableCli {
  readonly path: string;
  /** Of the server inside, for example `1.31.2`. */
  readonly serverVersion: string;
}

/** All files called `name` in the folders of PATH that may be executed, in its order. */
export async function executablesOnPath(name: string, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const files = [...new Set(folders)].map((folder) => join(folder, name));
  const executable = await Promise.all(files.map(isExecutable));
  return files.filter((_file, index) => executable[index]);
}

export const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/**
 * The server's version out of `temporal --version`: `temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)`. The CLI's own
 * number says nothing: one built from source calls itself 0.0.0-DEV.
 */
export const parseServerVersion = (output: string): string | undefined =>
  /\bServer (\d+\.\d+[\w.+-]*)/.exec(output)?.[1];

/** The first CLI on PATH whose server is recent enough. */
export async function cliOnPath(env: NodeJS.ProcessEnv): Promise<Attempt<UsableCli>> {
  const reasons: string[] = [];
  for (const path of await executablesOnPath('temporal', env)) {
    const attempt = await examineCli(path, env);
    if ('found' in attempt) return attempt;
    reasons.push(attempt.reason);
  }
  return { reason: reasons.join('; ') || 'there is none' };
}

/** Asks one CLI for its version. */
export async function examineCli(path: string, env: NodeJS.ProcessEnv): Promise<Attempt<UsableCli>> {
  try {
    const { stdout } = await run(path, ['--version'], { env, timeout: VERSION_LIMIT_MS });
    const serverVersion = parseServerVersion(stdout);
    if (serverVersion === undefined) return { reason: `${path} does not say which server it has: ${stdout.trim()}` };
    if (isRecentEnough(serverVersion)) return { found: { path, serverVersion } };
    return { reason: `${path} has server ${serverVersion}, ${OLDEST_SERVER} or newer is needed` };
  } catch (error) {
    return { reason: `${path} --version failed: ${firstLine(error)}` };
  }
}

export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
