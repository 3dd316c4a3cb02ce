import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { ConfigError } from '../../domain/errors.ts';
import { type Attempt, cliOnPath, type UsableCli } from './cli.ts';
import { downloadCli, downloadedCli } from './download.ts';
import { builtServer, buildServer, type CompiledServer } from './go-build.ts';
import type { OnTemporalLog } from './log-lines.ts';
import { CLI_VERSION, OLDEST_SERVER, SERVER_VERSION } from './versions.ts';

/** A server that can be started on this machine. */
export type FoundServer =
  | { readonly kind: 'cli'; readonly version: string; readonly cli: string }
  | { readonly kind: 'compiled'; readonly version: string; readonly server: string; readonly ui: string };

export interface FindInput {
  /** PATH, HOME, XDG_CACHE_HOME, and what Go and the download read (proxies). */
  readonly env: NodeJS.ProcessEnv;
  /** Where a downloaded CLI is kept. */
  readonly downloadDir: string;
  readonly onLog: OnTemporalLog;
  readonly signal: AbortSignal | undefined;
  /** See download.ts; replaced in tests. */
  readonly downloadProgram?: string | undefined;
}

/** Where built servers are kept: `$XDG_CACHE_HOME/darkroom/temporal`, by default in `~/.cache`. */
export function cacheDir(env: NodeJS.ProcessEnv): string {
  const wanted = env['XDG_CACHE_HOME'] ?? '';
  const base = isAbsolute(wanted) ? wanted : join(env['HOME'] || homedir(), '.cache');
  return join(base, 'darkroom', 'temporal');
}

/**
 * The first way that gives a server: a recent CLI on PATH, the downloaded CLI, the compiled server. What an earlier start
 * downloaded or built comes before downloading: else each start without a network would wait for a download to fail, and
 * a first start with one would change the kind of server, and with it the state.
 * Throws ConfigError that names every way (TEMPORAL_ADDRESS too) and why it gave nothing.
 */
export async function findServer(input: FindInput): Promise<FoundServer> {
  const { env, downloadDir, onLog, signal, downloadProgram: program } = input;
  const cache = cacheDir(env);
  const onPath = await cliOnPath(env);
  if ('found' in onPath) return cliServer(onPath.found);
  if (onPath.reason.includes('/')) {
    onLog({
      level: 'info',
      source: 'temporal-setup',
      msg: 'passed over the temporal CLI',
      details: { reason: onPath.reason },
    });
  }
  const kept = await downloadedCli(downloadDir, env);
  if ('found' in kept) return cliServer(kept.found);
  const built = await builtServer(cache);
  if ('found' in built) return compiledServer(built.found);

  const downloaded = await attempt(() => downloadCli({ dir: downloadDir, env, onLog, signal, program }), signal);
  if ('found' in downloaded) return cliServer(downloaded.found);
  onLog({ level: 'info', source: 'temporal-setup', msg: 'no download', details: { reason: downloaded.reason } });
  const compiled = await attempt(() => buildServer({ cache, env, onLog, signal }), signal);
  if ('found' in compiled) return compiledServer(compiled.found);
  throw noServer({ onPath: onPath.reason, downloaded: downloaded.reason, compiled: compiled.reason });
}

const cliServer = ({ path, serverVersion }: UsableCli): FoundServer => ({
  kind: 'cli',
  version: serverVersion,
  cli: path,
});

const compiledServer = (programs: CompiledServer): FoundServer => ({
  kind: 'compiled',
  version: SERVER_VERSION,
  ...programs,
});

/** A way that cannot even be tried (a folder that may not be written) is a reason like any other. */
async function attempt<T>(way: () => Promise<Attempt<T>>, signal: AbortSignal | undefined): Promise<Attempt<T>> {
  try {
    return await way();
  } catch (error) {
    signal?.throwIfAborted();
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

const noServer = (why: { onPath: string; downloaded: string; compiled: string }): ConfigError =>
  new ConfigError(
    'BadConfig',
    [
      'Darkroom needs a Temporal server and found none. Make one of these four ways work:',
      '  1. TEMPORAL_ADDRESS=host:port of a server that runs already: it is not set',
      `  2. a temporal CLI on PATH whose server is ${OLDEST_SERVER} or newer: ${why.onPath}`,
      `  3. a download of the Temporal CLI ${CLI_VERSION}: ${why.downloaded}`,
      `  4. building server ${SERVER_VERSION} with Go: ${why.compiled}`,
    ].join('\n'),
  );
