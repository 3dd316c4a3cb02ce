import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, errorCode } from '../domain/errors.ts';
import { folderFault } from './data-folder.ts';

/** Beside run.json, which goes with each stop: webhooks hold what follows from the token, and must live on. */
export const apiTokenPath = (dataDir: string): string => join(dataDir, 'api-token');

const shortest = 16;

/**
 * The token of the HTTP API: `set` (DARKROOM_API_TOKEN), or else the one in the data folder, which is made at the first start.
 * Throws ConfigError where that file cannot be read or holds none.
 */
export async function ensureApiToken(dataDir: string, set: string | undefined): Promise<string> {
  if (set !== undefined) return set;
  const path = apiTokenPath(dataDir);
  try {
    return (await readToken(path)) ?? (await makeToken(path));
  } catch (error) {
    throw folderFault(dataDir, error);
  }
}

async function readToken(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const token = text.trim();
  if (token.length >= shortest) return token;
  throw new ConfigError('BadConfig', `${path} holds no token: remove it, and the next start makes a new one.`);
}

/** Whole or not at all. Under the run lock: nobody else makes one at the same time. */
async function makeToken(path: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const draft = `${path}.draft`;
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${token}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  return token;
}
