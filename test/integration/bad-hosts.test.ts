import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { darkroom, entry } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

/** Answers everything the same way, as routers and proxies do. */
async function answering(t: TestContext, status: number, body: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status, { 'content-type': 'text/html' }).end(body));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : assert.fail();
}

test('hosts that cannot work are named with what to do, no photo is blamed, and work goes on when they can', async (t) => {
  const home = await temporaryFolder(t);
  const [folder, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
  await makePhotos(folder, 6);
  const env = { DARKROOM_DATA_DIR: dataDir, COLUMNS: '60' };
  const late = await startScriptedHost();
  t.after(() => late.off());
  await late.off();

  const describing = (photo: string) => {
    const asked = spawn(process.execPath, [entry, 'describe', photo], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const parts: string[] = [];
    for (const stream of [asked.stdout, asked.stderr]) stream.on('data', (part) => parts.push(String(part)));
    return { ended: once(asked, 'exit'), printed: () => parts.join('') };
  };

  await t.test('a stop while somebody waits for one photo', async () => {
    const up = await startUp(t, { folders: [folder], hosts: [late.url], dataDir });
    await up.said(/^waiting: no vision host answers/);
    const asked = describing(path.join(folder, 'IMG_0001.jpg'));
    await up.until('describe says what it waits for', () => /waiting for a vision host/.test(asked.printed()));
    assert.equal((await up.stop()).code, 0);
    assert.deepEqual(await asked.ended, [3, null]);
    assert.match(asked.printed(), /was Darkroom stopped\? The photo is not lost: the next "darkroom up" goes on/);
  });

  await t.test('a host that is off', async () => {
    const up = await startUp(t, { folders: [folder], hosts: [late.url], dataDir });
    await up.said(
      /^waiting: no vision host answers: http:\S+ \(connection refused\)\. Start Ollama or set VISION_HOSTS/,
    );
    // A row is `new` until its run has read the file; the line about the hosts may come before that.
    await up.until('all are open', async () => (await up.counts()).open === 6);
    assert.equal((await up.counts()).parked, 0);

    const asked = describing(path.join(folder, 'IMG_0000.jpg'));
    await up.until('describe says what it waits for', () =>
      /waiting for a vision host\n.*refused; start it/.test(asked.printed()),
    );

    await late.on();
    await up.until('all six are described', async () => (await up.counts()).done === 6, 20_000);
    assert.deepEqual(await asked.ended, [0, null]);
    assert.match(asked.printed(), /A scripted picture/);
    assert.equal((await up.stop()).code, 0);
  });

  await t.test('a web page, a closed door and a missing model', async () => {
    await makePhotos(path.join(folder, 'more'), 3, 0, { width: 330 });
    const page = await answering(t, 200, '<html><title>Router login</title></html>');
    const door = await answering(t, 401, 'no');
    const hosts = [page, door, late.url];
    late.setModels(['other']);
    const up = await startUp(t, { folders: [], hosts, dataDir });
    await up.said(/no vision host can work: .*is no Ollama: 200 with a web page “Router login”.*VISION_HOSTS/);
    await up.said(/wants a token \(401\)\. Set VISION_TOKEN/);
    await up.said(/does not have the model\. On that machine run: ollama pull scripted-vl/);
    // A row is `new` until its run has read the file; the line about the hosts may come before that.
    await up.until('all are open', async () => (await up.counts()).open === 3);
    assert.equal((await up.counts()).parked, 0);

    await up.until('status tells of all three, in 60 columns', async () => {
      const { out } = await darkroom(['status'], env);
      for (const line of out.split('\n')) assert.ok(line.length <= 60 || !line.trim().includes(' '), line);
      const words = out.replace(/\s+/g, ' ');
      return [/Router login/, /VISION_TOKEN/, /ollama pull scripted-vl/].every((pattern) => pattern.test(words));
    });

    late.setModels(['scripted-vl']);
    await up.until('the three new ones are described', async () => (await up.counts()).done === 9, 20_000);
    assert.equal(late.total.finished, 9);
    assert.equal((await up.stop()).code, 0);
  });
});
