import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const project = fileURLToPath(new URL('..', import.meta.url));

/**
 * Path of the workflows' bundle, made once per state of the sources. In a process of its own: the bundler costs a second
 * and about 150 MB that a worker would keep.
 */
export async function workflowBundle(cacheDir: string, signal?: AbortSignal): Promise<string> {
  const target = path.join(cacheDir, `workflows-${await fingerprintOfSources()}.js`);
  if (await exists(target)) return target;
  await mkdir(cacheDir, { recursive: true });
  await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), target], { timeout: 120_000, signal });
  return target;
}

/** Sources of the sandbox and the SDK's version: a bundle must be built by the very version that runs it. */
async function fingerprintOfSources(): Promise<string> {
  const hash = createHash('sha256').update(sdkVersion());
  for (const folder of ['domain', 'workflows']) {
    for (const name of (await readdir(path.join(project, folder))).filter((file) => file.endsWith('.ts')).sort()) {
      hash.update(`${name}\0`).update(await readFile(path.join(project, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function sdkVersion(): string {
  const found: unknown = createRequire(import.meta.url)('@temporalio/worker/package.json');
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : 'unknown';
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    ({ size }) => size > 0,
    () => false,
  );

async function bundleTo(target: string): Promise<void> {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  const temporary = `${target}.${process.pid}`;
  await writeFile(temporary, code);
  await rename(temporary, target);
}

const target = process.argv[2];
if (import.meta.main && target !== undefined) await bundleTo(target);
