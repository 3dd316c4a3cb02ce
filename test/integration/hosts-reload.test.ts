import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { darkroom } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { type ScriptedHost, startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

async function startHost(t: TestContext): Promise<ScriptedHost> {
  const host = await startScriptedHost();
  t.after(() => host.off());
  return host;
}

test('hosts come and go while everything runs, and a wrong file changes nothing', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, file, dataDir] = [path.join(home, 'library'), path.join(home, 'hosts.json'), path.join(home, 'data')];
  await makePhotos(folder, 12);
  const [first, second, third] = [await startHost(t), await startHost(t), await startHost(t)];
  const write = (...hosts: object[]) => writeFile(file, `{ // hosts of the test\n"hosts": ${JSON.stringify(hosts)},}`);
  const reload = () => darkroom(['hosts', 'reload'], { DARKROOM_DATA_DIR: dataDir });
  await write({ url: first.url });
  // Each answer takes long enough for a reload to meet a call that is under way.
  for (const host of [first, second]) host.script(() => ({ firstByteMs: 1_500 }));

  const env = { VISION_HOSTS_FILE: file, HOST_TOKEN: 'hush-1' };
  const up = await startUp(t, { folders: [folder], hosts: [], dataDir, env });
  const done = async () => (await up.counts()).done;
  await up.said(new RegExp(`^ {2}vision {4}scripted-vl on ${first.url}$`));
  await up.said(/^ready$/);

  await t.test('one that is added gets calls, one that is removed finishes what it has and gets no more', async () => {
    await up.until('the first has a call under way', () => first.total.calls > first.total.finished);
    await write({ url: second.url });
    const told = await reload();
    const begun = first.total.calls;
    assert.deepEqual([told.code, told.err], [0, '']);
    assert.equal(told.out, `1 vision host: added ${second.url}; removed, after what it is at: ${first.url}\n`);
    await up.said(new RegExp(`^1 vision host: added ${second.url}`));
    await up.until('the second gets calls', () => second.total.finished > 0);
    second.script(() => ({}));
    await up.until('all are described', async () => (await done()) === 12);
    assert.ok(begun > 0);
    assert.deepEqual([first.total.calls, first.total.finished], [begun, begun]);
    assert.equal(first.total.finished + second.total.finished, 12);
  });

  await t.test('the command says what is wrong with the file, and the hosts stay', async () => {
    await write({ url: second.url, slotz: 2 });
    const told = await reload();
    assert.equal(told.code, 2);
    assert.match(told.err, /hosts\.json is wrong .*\n {2}host 1 \(http:\S+\): slotz: .*did you mean slots\?/);
    assert.ok(!up.lines.some((line) => line.includes('slotz')), 'what runs was troubled with it');

    process.kill((await up.run()).supervisor.pid, 'SIGHUP');
    await up.said(/^The hosts stay as they are/);
    await up.said(/slotz: .*did you mean slots\?/);
    await makePhotos(path.join(folder, 'more'), 2, 0, { width: 330 });
    await up.until('two more are described', async () => (await done()) === 14);
    assert.equal(first.total.finished + second.total.finished, 14);
  });

  await t.test(
    'variables are those of what runs: the command need not have them, and hears of those that miss',
    async () => {
      await write(
        { url: second.url, tokenEnv: 'HOST_TOKEN' },
        { url: third.url, headers: { 'x-key': { env: 'NO_SUCH' } } },
      );
      const missing = await reload();
      assert.equal(missing.code, 2);
      assert.match(missing.err, /host 2 \(\S+\): headers\.x-key: the environment variable .* is not set/);
      await write({ url: second.url, tokenEnv: 'HOST_TOKEN' });
      assert.equal((await reload()).out, `1 vision host: changed ${second.url}\n`);
      await makePhotos(path.join(folder, 'again'), 1, 0, { width: 340 });
      await up.until('one more is described', async () => (await done()) === 15);
      assert.equal(second.calls.at(-1)?.authorization, 'Bearer hush-1');
      assert.ok(!up.lines.some((line) => line.includes('hush')));
    },
  );

  await t.test('an engine that is started again reads the file as it is then', async () => {
    await write({ url: third.url });
    process.kill(await up.pid('engine'), 'SIGKILL');
    await makePhotos(path.join(folder, 'later'), 1, 0, { width: 350 });
    await up.until('the third describes it', async () => third.total.finished === 1 && (await done()) === 16);
    const { out, code } = await darkroom(['hosts', '--json'], { DARKROOM_DATA_DIR: dataDir });
    assert.equal(code, 0);
    assert.match(out, new RegExp(`"host": "${third.url}"`));
    assert.ok(!out.includes(second.url) && !out.includes(first.url), out);
  });

  assert.equal((await up.stop()).code, 0);
});
