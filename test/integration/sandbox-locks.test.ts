import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** ARCHITECTURE.md, "Layout": besides the test that reads imports, these two keep the outside out of the sandbox. */
const project = fileURLToPath(new URL('../..', import.meta.url));

/** A copy of what the sandbox is made of, with one line more in it. */
async function sandboxWith(t: TestContext, line: string): Promise<string> {
  const copy = path.join(await temporaryFolder(t), 'darkroom');
  await mkdir(copy);
  for (const name of ['domain', 'workflows', 'package.json', 'tsconfig.json'])
    await cp(path.join(project, name), path.join(copy, name), { recursive: true });
  await symlink(path.join(project, 'node_modules'), path.join(copy, 'node_modules'));
  await appendFile(path.join(copy, 'workflows', 'settle.ts'), `${line}\n`);
  return copy;
}

/** What the type checker complains of; empty where it does not. */
const typeFaults = (copy: string): Promise<string> =>
  new Promise((resolve) => {
    const tsc = path.join(copy, 'node_modules', 'typescript', 'bin', 'tsc');
    execFile(process.execPath, [tsc, '-p', 'workflows'], { cwd: copy, timeout: 60_000 }, (error, stdout) =>
      resolve(error === null ? '' : stdout || error.message),
    );
  });

const bundle = (copy: string) =>
  bundleWorkflowCode({
    workflowsPath: path.join(copy, 'workflows', 'index.ts'),
    logger: new DefaultLogger('ERROR', () => undefined),
  });

test('the sandbox as it is passes both locks', async (t) => {
  const copy = await sandboxWith(t, '');
  assert.equal(await typeFaults(copy), '');
  assert.ok((await bundle(copy)).code.length > 0);
});

const outside: Readonly<Record<string, string>> = {
  process: 'export const level = process.env.LEVEL;',
  fetch: "export const answer = () => fetch('http://localhost');",
  Buffer: "export const bytes = Buffer.from('');",
  setImmediate: 'export const soon = () => setImmediate(() => undefined);',
  'node:fs': "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;",
};

for (const [what, line] of Object.entries(outside)) {
  test(`the type checker refuses ${what} in a workflow`, async (t) => {
    assert.match(await typeFaults(await sandboxWith(t, line)), new RegExp(`settle\\.ts.*${what}`));
  });
}

test('the bundler refuses a Node built-in in a workflow, and what reaches one by a package', async (t) => {
  for (const line of [outside['node:fs'] ?? '', "export { request } from 'undici';"])
    await assert.rejects(bundle(await sandboxWith(t, line)), /Webpack finished with errors/);
});
