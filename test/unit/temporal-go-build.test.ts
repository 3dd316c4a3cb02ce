import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { identify } from '../../runtime/child.ts';
import { buildServer, builtServer, inWords } from '../../runtime/temporal/go-build.ts';
import { script } from '../support/scripts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);

/** A `go` that writes down what it is asked, takes a moment, and installs a program that answers. */
const goScript = `echo "$@" >> "$RECORD"
sleep 0.1
printf '#!/bin/sh\\necho built\\n' > "$GOBIN/server"
chmod 755 "$GOBIN/server"`;

async function workshop(t: TestContext, go = goScript) {
  const folder = await temporaryFolder(t);
  const record = join(folder, 'record');
  const said: string[] = [];
  await writeFile(record, '');
  await script(join(folder, 'bin'), 'go', go);
  const cache = join(folder, 'cache');
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, RECORD: record };
  const build = (signal?: AbortSignal) =>
    buildServer({ cache, env, signal, progressMs: 50, onLog: ({ msg }) => said.push(msg) });
  const asked = async () => (await readFile(record, 'utf8')).trim().split('\n');
  return { folder, cache, build, asked, said };
}

test('server and UI are built once, whole, each in a folder of its version', async (t) => {
  const { cache, build, asked, said } = await workshop(t);
  const wanted = { found: { server: join(cache, 'server-1.32.1/server'), ui: join(cache, 'ui-2.55.0/server') } };
  assert.deepEqual(await build(), wanted);
  assert.deepEqual(await build(), wanted);
  assert.deepEqual(await asked(), [
    'install github.com/temporalio/ui-server/v2/cmd/server@v2.55.0',
    'install go.temporal.io/server/cmd/server@v1.32.1',
  ]);
  assert.deepEqual((await readdir(cache)).toSorted(), ['server-1.32.1', 'ui-2.55.0']);
  assert.ok(said.includes('building the Temporal server 1.32.1 with Go, once, about 5 minutes: 0 s so far'));
});

test('two at once build once: the second waits, and says for whom', async (t) => {
  const { build, asked, said } = await workshop(t);
  const attempts = await Promise.all([build(), build()]);
  assert.ok(attempts.every((attempt) => 'found' in attempt));
  assert.equal((await asked()).length, 2);
  assert.ok(said.some((msg) => msg.startsWith(`process ${process.pid} is building`)));
});

test('the lock of a dead process is taken over', async (t) => {
  const { cache, build } = await workshop(t);
  const { stdout } = await run('sh', ['-c', 'echo $$']);
  await run('mkdir', ['-p', cache]);
  await writeFile(join(cache, 'server-1.32.1.lock'), JSON.stringify({ pid: Number(stdout), startedAt: '1' }));
  await writeFile(join(cache, 'ui-2.55.0.lock'), 'half a li');
  assert.ok('found' in (await build()));
});

test('the lock of a living process is respected until we are told to stop', async (t) => {
  const { cache, build, asked } = await workshop(t);
  await run('mkdir', ['-p', cache]);
  await writeFile(join(cache, 'ui-2.55.0.lock'), JSON.stringify(identify(process.pid)));
  await assert.rejects(build(AbortSignal.timeout(300)), { name: 'TimeoutError' });
  assert.deepEqual(await asked(), ['']);
});

test('a failed build leaves nothing behind and tells what Go said', async (t) => {
  const failing = `echo half > "$GOBIN/server"; echo "go: downloading a/module v1.0.0"; echo "no space left on device" >&2; exit 1`;
  const { cache, build } = await workshop(t, failing);
  const attempt = await build();
  assert.ok('reason' in attempt);
  assert.match(attempt.reason, /ui-server.*no space left on device$/);
  assert.deepEqual(await readdir(cache), []);
});

test('a program that does not run is not kept', async (t) => {
  const { cache, build } = await workshop(
    t,
    `printf '#!/bin/sh\\nexit 1\\n' > "$GOBIN/server"; chmod 755 "$GOBIN/server"`,
  );
  assert.ok('reason' in (await build()));
  assert.ok('reason' in (await builtServer(cache)));
});

test('a stopped build ends at once and leaves no lock', async (t) => {
  const { cache, build } = await workshop(t, 'sleep 60');
  await assert.rejects(build(AbortSignal.timeout(300)), { name: 'TimeoutError' });
  assert.deepEqual(await readdir(cache), []);
});

test('durations are said in words', () => {
  assert.deepEqual([0, 45_200, 60_000, 90_000].map(inWords), ['0 s', '45 s', '1 min 0 s', '1 min 30 s']);
});
