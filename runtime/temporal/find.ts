import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../domain/errors.ts';
import type { OnTemporalLog } from './log-lines.ts';
import { SERVER_VERSION, UI_VERSION } from './versions.ts';

/** A server that can be started on this machine. */
export type FoundServer =
  | { readonly kind: 'cli'; readonly version: string; readonly cli: string }
  | { readonly kind: 'compiled'; readonly version: string; readonly server: string; readonly ui: string };

export interface FindInput {
  readonly env: NodeJS.ProcessEnv;
  /** Where a downloaded CLI is kept. */
  readonly downloadDir: string;
  readonly onLog: OnTemporalLog;
  readonly signal: AbortSignal | undefined;
}

export const cacheDir = (env: NodeJS.ProcessEnv): string =>
  join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'darkroom', 'temporal');

export async function findServer({ env }: FindInput): Promise<FoundServer> {
  const cache = cacheDir(env);
  const server = join(cache, `server-${SERVER_VERSION}`, 'server');
  const ui = join(cache, `ui-${UI_VERSION}`, 'server');
  if (existsSync(server) && existsSync(ui)) return { kind: 'compiled', version: SERVER_VERSION, server, ui };
  throw new ConfigError('BadConfig', 'No Temporal server can be had');
}
