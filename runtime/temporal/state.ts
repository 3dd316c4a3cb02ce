import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';

/** What made the state files. SQLite files are never migrated by the server, so only the same version goes on with them. */
export interface Marker {
  readonly kind: 'cli' | 'compiled';
  readonly version: string;
  /** Made by the server with its files: where it differs, the server has silently begun anew (its WAL was lost). */
  readonly clusterId: string;
  /** False from a fresh start until the caller has refilled the server from the database. */
  readonly refilled: boolean;
}

export interface OpenedState {
  /** Of the files to go on with; undefined where there are none, and a marker is to be written when the server is up. */
  readonly marker: Marker | undefined;
  /** Why the old state was not used and where it is now; undefined where nothing was set aside. */
  readonly setAside: { readonly reason: string; readonly to: string } | undefined;
}

const MARKER = 'marker.json';
/** What each kind of server makes at its first start. */
const stateFiles = { cli: ['temporal.db'], compiled: ['temporal.db', 'visibility.db'] } as const;
const OLD_STATES_KEPT = 2;

const MarkerFile = z.object({
  kind: z.enum(['cli', 'compiled']),
  version: z.string(),
  clusterId: z.string(),
  refilled: z.boolean(),
});

/**
 * Decides whether the files in `dir` are gone on with. The marker is written only once a server has come up on them, so
 * files without one are a first start that did not end: the server makes its tables one by one and never mends half a
 * schema. They are set aside like those of another version. After the call `dir` exists.
 */
export async function openState(dir: string, wanted: Pick<Marker, 'kind' | 'version'>): Promise<OpenedState> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const marker = await readMarker(dir);
  const begun = async (reason: string) => ({ marker: undefined, setAside: await setAside(dir, reason) });
  if (!(await readdir(dir)).some((file) => file.includes('.db'))) {
    // A marker without files would make the new ones, should this start not end, look whole and refilled.
    await rm(join(dir, MARKER), { force: true });
    return { marker: undefined, setAside: undefined };
  }
  if (marker === undefined) return await begun('the first start on them did not end');
  if (marker.kind !== wanted.kind || marker.version !== wanted.version) {
    return await begun(`they were made by ${marker.kind} ${marker.version}, this is ${wanted.kind} ${wanted.version}`);
  }
  if (!stateFiles[wanted.kind].every((file) => existsSync(join(dir, file)))) {
    return await begun('some of them are missing');
  }
  return { marker, setAside: undefined };
}

/** Renames the state folder, keeps the newest two of such, and makes an empty one. */
export async function setAside(dir: string, reason: string): Promise<{ reason: string; to: string }> {
  const marker = await readMarker(dir);
  const maker = marker === undefined ? 'unfinished' : `${marker.kind}-${marker.version}`;
  const to = `${dir}.${maker}.${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  await rename(dir, to);
  await mkdir(dir, { mode: 0o700 });
  await forgetOldStates(dir);
  return { reason, to };
}

/** Puts a state that was set aside back in place of what was made since. */
export async function restoreState(dir: string, from: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  await rename(from, dir);
}

/** Undefined where there is none or it cannot be read (a power cut may leave an empty file). */
async function readMarker(dir: string): Promise<Marker | undefined> {
  return await readJson(join(dir, MARKER), MarkerFile);
}

export async function writeMarker(dir: string, marker: Marker): Promise<void> {
  await writeWhole(join(dir, MARKER), JSON.stringify(marker));
}

async function forgetOldStates(dir: string): Promise<void> {
  const prefix = `${basename(dir)}.`;
  const names = (await readdir(dirname(dir))).filter((name) => name.startsWith(prefix));
  // The names end in their time; what stands before it must not decide the order.
  const newestFirst = names.sort((a, b) => timeOf(b).localeCompare(timeOf(a)));
  for (const name of newestFirst.slice(OLD_STATES_KEPT)) {
    await rm(join(dirname(dir), name), { recursive: true, force: true });
  }
}

const timeOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

/** The parsed content, or undefined where the file is absent or is not what it should be. */
export async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Either the old content or the new one is there after a crash, never half of it. */
export async function writeWhole(file: string, content: string): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}
