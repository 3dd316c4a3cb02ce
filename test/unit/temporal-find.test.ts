import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../../domain/errors.ts';
import { identify, isAlive } from '../../runtime/child.ts';
import { parseServerVersion } from '../../runtime/temporal/cli.ts';
import { downloadCli } from '../../runtime/temporal/download.ts';
import { cacheDir, findServer } from '../../runtime/temporal/find.ts';
import { runJob } from '../../runtime/temporal/job.ts';
import { isRecentEnough } from '../../runtime/temporal/versions.ts';
import { script } from '../support/scripts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const cliScript = (version: string) => `echo "temporal version 1.0.0 (Server ${version}, UI 2.50.1)"`;

/** A machine with nothing but what the test puts there; a download fails at once. */
async function machine(t: TestContext) {
  const home = await temporaryFolder(t);
  const said: string[] = [];
  const bin = join(home, 'bin');
  const downloadProgram = join(home, 'download.mjs');
  await writeFile(downloadProgram, `console.error('reason: no such host'); process.exitCode = 1;`);
  const find = (path: readonly string[]) =>
    findServer({
      env: { PATH: path.join(':'), HOME: home },
      downloadDir: join(home, 'download'),
      onLog: ({ msg, details }) => said.push(`${msg} ${JSON.stringify(details ?? {})}`),
      signal: undefined,
      downloadProgram,
    });
  return { home, bin, said, find, downloadProgram };
}

test('the server of a CLI is read from its version line, whatever the CLI calls itself', () => {
  assert.equal(parseServerVersion('temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)\n'), '1.31.2');
  assert.equal(parseServerVersion('temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)'), '1.29.1');
  assert.equal(parseServerVersion('temporal version 1.9.0 (Server 1.32.0-162.0, UI 2.53.1)'), '1.32.0-162.0');
  assert.equal(parseServerVersion('tctl version 1.18'), undefined);
});

test('servers before 1.31 are too old, also where a number compares lower as text', () => {
  const recent = ['1.31', '1.31.0', 'v1.32.0-162.0', '1.100.0', '2.0'].filter((version) => isRecentEnough(version));
  assert.deepEqual(recent, ['1.31', '1.31.0', 'v1.32.0-162.0', '1.100.0', '2.0']);
  assert.deepEqual(
    ['1.30.9', '1.9.0', '0.0.0-DEV', 'nonsense'].filter((version) => isRecentEnough(version)),
    [],
  );
});

test('an old CLI on PATH is passed over for a newer one further on', async (t) => {
  const { home, find } = await machine(t);
  await script(join(home, 'old'), 'temporal', cliScript('1.29.1'));
  const newer = await script(join(home, 'new'), 'temporal', cliScript('1.31.2'));
  const found = await find([join(home, 'old'), join(home, 'new')]);
  assert.deepEqual(found, { kind: 'cli', version: '1.31.2', cli: newer });
});

test('a CLI that an earlier start downloaded is used without asking the network', async (t) => {
  const { home, bin, find, said } = await machine(t);
  const kept = await script(join(home, 'download'), 'temporal-v1.8.2', cliScript('1.31.2'));
  await script(join(home, 'download'), 'temporal-half.downloading', cliScript('1.33.0'));
  assert.deepEqual(await find([bin]), { kind: 'cli', version: '1.31.2', cli: kept });
  assert.deepEqual(said, []);
});

test('a built server is used without trying the download again', async (t) => {
  const { home, bin, find, said } = await machine(t);
  const cache = cacheDir({ HOME: home });
  const server = await script(join(cache, 'server-1.32.1'), 'server', '');
  const ui = await script(join(cache, 'ui-2.55.0'), 'server', '');
  assert.deepEqual(await find([bin]), { kind: 'compiled', version: '1.32.1', server, ui });
  assert.deepEqual(said, []);
});

test('where nothing works the error names the four ways, each with its reason', async (t) => {
  const { bin, find } = await machine(t);
  const old = await script(bin, 'temporal', cliScript('1.29.1'));
  await script(bin, 'go', 'echo "go: module requires go >= 1.26.8 (running go 1.22.1)" >&2; exit 1');
  await assert.rejects(find([bin, '/usr/bin', '/bin']), (error) => {
    assert.ok(error instanceof ConfigError);
    const [, external = '', cli = '', download = '', go = ''] = error.message.split('\n');
    assert.match(external, /TEMPORAL_ADDRESS/);
    assert.ok(cli.includes(`${old} has server 1.29.1, 1.31 or newer is needed`), cli);
    assert.match(download, /no such host/);
    assert.match(go, /requires go >= 1\.26\.8/);
    return true;
  });
});

test('without a Go toolchain the error says so', async (t) => {
  const { bin, find } = await machine(t);
  await assert.rejects(find([bin]), /building server 1\.32\.1 with Go: there is no Go toolchain on PATH/);
});

test('a download that hangs ends at its limit, and leaves nothing running', async (t) => {
  const { home } = await machine(t);
  const program = join(home, 'hang.mjs');
  await writeFile(program, 'setInterval(() => {}, 1000);');
  const attempt = await downloadCli({
    dir: join(home, 'download'),
    env: {},
    onLog: () => {},
    signal: undefined,
    limitMs: 300,
    program,
  });
  assert.deepEqual(attempt, { reason: 'the download did not end within 0 s' });
});

test('a canceled job takes the programs that it started with it', { timeout: 30_000 }, async (t) => {
  const folder = await temporaryFolder(t);
  const started = join(folder, 'started');
  const command = await script(
    folder,
    'parent',
    `sleep 60 & echo $! > ${started}.new; mv ${started}.new ${started}; wait`,
  );
  const stop = new AbortController();
  const job = runJob({ command, args: [], env: process.env, cwd: folder, signal: stop.signal });
  while (!existsSync(started)) await sleep(10);
  const child = identify(Number(readFileSync(started, 'utf8')));
  assert.ok(child !== undefined);
  stop.abort();
  assert.equal((await job).exit, undefined);
  while (isAlive(child)) await sleep(10);
});

test('the cache follows XDG_CACHE_HOME where that is an absolute path, as its standard wants', () => {
  assert.equal(cacheDir({ XDG_CACHE_HOME: '/var/cache/me', HOME: '/home/me' }), '/var/cache/me/darkroom/temporal');
  assert.equal(cacheDir({ XDG_CACHE_HOME: 'relative', HOME: '/home/me' }), '/home/me/.cache/darkroom/temporal');
});
