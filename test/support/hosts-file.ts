import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { inspect } from 'node:util';
import type { VisionHost } from '../../domain/vision-host.ts';
import { loadSettings, SettingsError } from '../../runtime/config.ts';
import { loadVisionHosts } from '../../runtime/vision-hosts.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface WrittenHostsFile {
  readonly folder: string;
  readonly file: string;
  load(): Promise<readonly VisionHost[]>;
}

type Env = Readonly<Record<string, string>>;

/** Writes the file as it stands, to be read as Darkroom would with these variables. */
export async function writeHostsFile(t: TestContext, text: string, env: Env = {}): Promise<WrittenHostsFile> {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, 'hosts.json');
  await writeFile(file, text);
  const all = { VISION_MODEL: 'm', ...env, VISION_HOSTS_FILE: file };
  return { folder, file, load: () => loadVisionHosts(loadSettings(all), all) };
}

export const hostsOf = async (t: TestContext, text: string, env?: Env): Promise<readonly VisionHost[]> =>
  await (await writeHostsFile(t, text, env)).load();

/** Everything that is said about a file with these hosts. */
export async function complaintsAbout(t: TestContext, hosts: unknown, env: Env = {}): Promise<string> {
  const written = await writeHostsFile(t, JSON.stringify({ hosts }), env);
  const error: unknown = await written.load().then(
    () => assert.fail('the file was taken'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SettingsError, inspect(error));
  assert.ok(error.message.includes(written.file), error.message);
  return error.message;
}
