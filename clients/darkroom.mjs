#!/usr/bin/env node
// The entry of `darkroom`: finds a Node that runs TypeScript as written, and goes on in it. Plain JavaScript, because it
// must run on Node 20. What brings everything up lives in workers/, every other command in clients/.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const oldest = 24;
const roots = { up: '../workers/up.ts', worker: '../workers/main.ts', demo: './demo/main.ts' };
const command = process.argv[2] ?? '';
const script = fileURLToPath(new URL(Object.hasOwn(roots, command) ? roots[command] : './cli.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= oldest) {
  process.argv[1] = script;
  keepCompiled();
  await import(pathToFileURL(script).href);
} else {
  const node = ownNode();
  if (node === undefined) {
    console.error(
      `Darkroom runs on Node ${oldest} or newer; this is Node ${process.versions.node}, and the Node that comes with ` +
        '`npm ci` is not there. Run `npm ci` again without --omit=optional, or install Node 24.',
    );
    process.exit(1);
  }
  const child = spawn(node, [script, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to the whole group: the child ends by itself, and we end with it.
  process.on('SIGINT', () => undefined);
  // A service manager stops us, or has us read the hosts again: it knows this process only.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/**
 * Stripped and compiled sources are kept for the next start and for child processes: the supervisor, which then need
 * not load the type stripper, takes 30 MB less (84 and 55 measured). In the checkout and not in /tmp, where anybody could put code for us to run.
 */
function keepCompiled() {
  process.env.NODE_COMPILE_CACHE ??= path.join(project, 'node_modules', '.cache', 'darkroom');
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

/** Node 24 as an npm package: the binary itself, without an install script. */
function ownNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  try {
    const found = createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/package.json`);
    const file = path.join(path.dirname(found), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}
