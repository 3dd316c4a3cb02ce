import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { darkroom, entry } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { startReceiver } from '../support/receiver.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

/** A service that can be away, and what it was told, each with what it answered. */
async function receiver(t: TestContext) {
  const state = { status: 200 };
  const answers: number[] = [];
  const { host, told } = await startReceiver(t, (response) => {
    answers.push(state.status);
    response.writeHead(state.status).end();
  });
  const lines = () => told.map(({ headers, body }, at) => `${answers[at]} ${String(headers['title'])}: ${body}`);
  return { lines, state, url: `http://${host}/a-secret-topic` };
}

/** `status --watch` in a pipe. */
function watchStatus(t: TestContext, env: Record<string, string>) {
  const child = spawn(process.execPath, [entry, 'status', '--watch'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return {
    lines,
    exited: exited.then(() => child.exitCode),
    async interrupt() {
      child.kill('SIGINT');
      await exited;
      return child.exitCode;
    },
  };
}

test('a person sees what is left and how long it takes from the first minute, and is told once when it is done', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  // More than a window of runs: most of them have no row for a while.
  await makePhotos(folder, 260);
  const hosts = [await startScriptedHost(), await startScriptedHost()];
  for (const host of hosts) host.script(() => ({ firstByteMs: 400 }));
  t.after(() => Promise.all(hosts.map((host) => host.off())));
  const { lines: told, state, url } = await receiver(t);
  state.status = 503;
  const env = { DARKROOM_DATA_DIR: dataDir, COLUMNS: '200' };
  const options = { hosts: hosts.map((host) => host.url), dataDir, env: { DARKROOM_NOTIFY_URL: url } };
  const up = await startUp(t, { ...options, folders: [folder] });

  await t.test('what is left is known long before it is started, and so is how long it takes', async () => {
    await up.said(/^library {2}\d+\/260 described · about \d min with 2 hosts · .*\d\d+ not started/);
    const early = (await up.counts()).done;
    assert.ok(early < 100, `${early} were described before`);
    const { out } = await darkroom(['status'], env);
    assert.match(out, /\nlibrary {2}\d+\/260 described · about \d min with 2 hosts · .*not started/);
    interface Told {
      libraries: { standing: { total: number; left: number }; inFolder: number; eta: { ms: number; hosts: number } }[];
    }
    const { libraries }: Told = JSON.parse((await darkroom(['status', '--json'], env)).out);
    const [library] = libraries;
    assert.ok(library !== undefined);
    assert.deepEqual([library.standing.total, library.inFolder, library.eta.hosts], [260, 260, 2]);
    // Two hosts that take 0.4 s at least: 0.2 s a photo and what lies between two calls.
    const each = library.eta.ms / library.standing.left;
    assert.ok(each > 200 && each < 1_000, `${each} ms a photo`);
  });

  const watch = watchStatus(t, env);
  await t.test('in a pipe the watched status is a line for each change, and Ctrl-C ends it well', async () => {
    await up.until('three lines', () => watch.lines.length >= 3);
    assert.equal(await watch.interrupt(), 0);
    assert.equal(new Set(watch.lines).size, watch.lines.length);
    for (const line of watch.lines) assert.match(line, /^library {2}\d+\/260 described · about/);
  });

  await t.test('who watches while everything is stopped is told that nothing runs any more', async () => {
    const another = watchStatus(t, env);
    await up.until('it sees something', () => another.lines.length > 0);
    for (const host of hosts) host.script(() => ({}));
    assert.equal((await up.stop()).code, 0);
    assert.equal(await another.exited, 3, another.lines.join('\n'));
  });

  await t.test('the receiver is away: it is said in the terminal, and the next start sends it', async () => {
    const second = await startUp(t, { ...options, folders: [] });
    await second.said(/^Finished: 260 described, in \d+ (s|min)$/);
    await second.until('it was tried', () => told().length === 1);
    assert.match(told()[0] ?? '', /^503 Darkroom has finished: 260 described, in/);
    await second.said(/^The notice that everything is done could not be sent, .*: 127\.0\.0\.1:\d+ answers 503$/);
    assert.doesNotMatch(second.lines.join('\n'), /secret/);
    await second.kill();
    state.status = 200;
    const third = await startUp(t, { ...options, folders: [] });
    await third.until('it is sent', () => told().length === 2);
    assert.match(told()[1] ?? '', /^200 Darkroom has finished: 260 described, in/);
    await third.until('it is up to date', () =>
      third.lines.some((line) => /260\/260 described · up to date/.test(line)),
    );
    assert.equal((await third.stop()).code, 0);
    const fourth = await startUp(t, { ...options, folders: [] });
    await fourth.said(/up to date/);
    assert.equal((await fourth.stop()).code, 0);
    assert.equal(told().length, 2);
    for (const lines of [third.lines, fourth.lines]) assert.doesNotMatch(lines.join('\n'), /Finished/);
  });
});

test('a batch tells that it is finished before it ends', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'library');
  await makePhotos(folder, 4);
  const host = await startScriptedHost();
  t.after(() => host.off());
  const { lines: told, url } = await receiver(t);
  const up = await startUp(t, {
    folders: [folder],
    hosts: [host.url],
    args: ['--mode', 'batch'],
    env: { DARKROOM_NOTIFY_URL: url },
  });
  assert.equal(await up.exited, 0);
  assert.match(up.lines.join('\n'), /\nFinished: 4 described, in \d+ s\n/);
  assert.deepEqual(
    told().map((line) => line.replace(/\d+ s$/, 'N s')),
    ['200 Darkroom has finished: 4 described, in N s'],
  );
});
