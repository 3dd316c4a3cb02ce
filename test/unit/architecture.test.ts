import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));

interface Rule {
  /** Our own folders that may be imported. */
  readonly folders: readonly string[];
  /** Packages, by prefix; `node:` for built-ins. */
  readonly packages: readonly string[];
}

const temporal = ['@temporalio/'];
const anything = ['', 'node:'];
/** ARCHITECTURE.md, "Layout". A key with a file name is a composition root; the longest matching key rules. */
const rules: Readonly<Record<string, Rule>> = {
  domain: { folders: ['domain'], packages: [] },
  workflows: { folders: ['workflows', 'domain'], packages: ['@temporalio/workflow'] },
  activities: { folders: ['activities', 'domain'], packages: ['@temporalio/activity', 'node:'] },
  adapters: {
    folders: ['adapters', 'domain'],
    packages: [
      'node:',
      'zod',
      'postgres',
      'undici',
      'chokidar',
      'sharp',
      'exiftool-vendored',
      'libheif-js',
      'picomatch',
    ],
  },
  runtime: {
    folders: ['runtime', 'domain'],
    packages: ['node:', 'pino', 'pino-pretty', 'zod', 'postgres', ...temporal],
  },
  clients: {
    folders: ['clients', 'domain', 'workflows/messages.ts'],
    packages: ['node:', 'zod', 'commander', ...temporal],
  },
  'clients/cli': {
    folders: ['clients', 'domain', 'adapters', 'runtime', 'workflows/messages.ts'],
    packages: anything,
  },
  'clients/http': { folders: ['clients', 'domain'], packages: ['node:', 'zod', 'fastify'] },
  'clients/open.ts': {
    folders: ['clients', 'domain', 'adapters', 'runtime', 'workflows/messages.ts'],
    packages: anything,
  },
  'clients/immich/open.ts': { folders: ['clients', 'domain', 'adapters', 'runtime'], packages: [] },
  'clients/hosts': { folders: ['clients', 'domain', 'adapters', 'runtime'], packages: ['node:'] },
  'clients/doctor': { folders: ['clients', 'domain', 'adapters', 'runtime'], packages: anything },
  'clients/try-out': { folders: ['clients', 'domain', 'adapters', 'runtime'], packages: anything },
  'clients/demo': { folders: ['clients', 'domain', 'runtime'], packages: anything },
  workers: { folders: ['workers', 'activities', 'domain', 'adapters', 'runtime', 'workflows'], packages: anything },
  'workers/up': {
    folders: ['workers', 'activities', 'domain', 'adapters', 'runtime', 'workflows', 'clients'],
    packages: anything,
  },
  'workers/engine': {
    folders: ['workers', 'activities', 'domain', 'adapters', 'runtime', 'workflows', 'clients'],
    packages: anything,
  },
};

function sources(folder: string): string[] {
  return readdirSync(path.join(project, folder)).flatMap((name) => {
    const file = path.join(folder, name);
    if (statSync(path.join(project, file)).isDirectory()) return sources(file);
    return file.endsWith('.ts') ? [file] : [];
  });
}

const importPattern =
  /(?:^|\n)\s*(import|export)\s+(type\s+)?[^'";]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g;

function importsOf(file: string): { specifier: string; typeOnly: boolean }[] {
  const text = readFileSync(path.join(project, file), 'utf8');
  return [...text.matchAll(importPattern)].map((match) => ({
    specifier: match[3] ?? match[4] ?? match[5] ?? '',
    typeOnly: match[2] !== undefined,
  }));
}

const ruleOf = (file: string): Rule | undefined => {
  const key = Object.keys(rules)
    .filter((prefix) => file === prefix || file.startsWith(prefix.endsWith('.ts') ? prefix : prefix))
    .sort((a, b) => b.length - a.length)[0];
  return key === undefined ? undefined : rules[key];
};

export function violations(file: string, imports: readonly { specifier: string; typeOnly: boolean }[]): string[] {
  const rule = ruleOf(file);
  if (rule === undefined) return [`${file}: no rule for this folder`];
  return imports.flatMap(({ specifier, typeOnly }) => {
    if (!specifier.startsWith('.')) {
      return rule.packages.some((prefix) => specifier.startsWith(prefix)) ? [] : [`${file} imports ${specifier}`];
    }
    const target = path.join(path.dirname(file), specifier);
    // Clients may know workflow functions as types: what they start is typed by them.
    if (typeOnly && file.startsWith('clients/') && target.startsWith('workflows/')) return [];
    return rule.folders.some((folder) => target === folder || target.startsWith(`${folder}/`))
      ? []
      : [`${file} imports ${target}`];
  });
}

for (const folder of ['domain', 'workflows', 'activities', 'adapters', 'runtime', 'clients', 'workers']) {
  test(`${folder} imports only what its arrows allow`, () => {
    const files = sources(folder);
    assert.ok(files.length > 0, `no sources found in ${folder}`);
    assert.deepEqual(
      files.flatMap((file) => violations(file, importsOf(file))),
      [],
    );
  });
}

test('a forbidden import is seen, whatever its form', () => {
  assert.equal(violations('domain/asset.ts', [{ specifier: 'zod', typeOnly: false }]).length, 1);
  assert.equal(
    violations('activities/describe.ts', [{ specifier: '../adapters/vision-pool.ts', typeOnly: true }]).length,
    1,
  );
  assert.equal(violations('workflows/settle.ts', [{ specifier: 'node:fs', typeOnly: false }]).length, 1);
  assert.equal(violations('clients/photos.ts', [{ specifier: '../workflows/settle.ts', typeOnly: false }]).length, 1);
  assert.equal(violations('clients/photos.ts', [{ specifier: '../workers/runs.ts', typeOnly: false }]).length, 1);
  assert.equal(violations('clients/http/health.ts', [{ specifier: '@temporalio/client', typeOnly: true }]).length, 1);
  assert.equal(violations('clients/photos.ts', [{ specifier: 'fastify', typeOnly: true }]).length, 1);
});
