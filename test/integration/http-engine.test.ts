import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { connect } from '../../adapters/postgres/connection.ts';
import { hookHeader, hookSecret } from '../../clients/http/secrets.ts';
import { apiTokenPath } from '../../runtime/api-token.ts';
import { loadSettings } from '../../runtime/config.ts';
import { createLog } from '../../runtime/log.ts';
import { startEngineHttp } from '../../workers/engine-http.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function engineHttp(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const dataDir = await temporaryFolder(t);
  const said: string[] = [];
  const logged: string[] = [];
  const http = await startEngineHttp({
    settings: loadSettings({ DARKROOM_HTTP_ADDRESS: '127.0.0.1:0', ...env }),
    env: {},
    dataDir,
    say: (text) => void said.push(text),
    log: createLog({ level: 'debug', pretty: false, destination: { write: (line) => void logged.push(line) } }),
  });
  t.after(() => http.close());
  return { http, dataDir, said, logged };
}

/** Services that are away. */
async function nobody(t: TestContext) {
  const at = `127.0.0.1:${await freePort()}`;
  const connection = Connection.lazy({ address: at });
  const database = connect({ url: `postgres://nobody@${at}/none` }, { max: 1, limitMs: 2_000 });
  t.after(() => Promise.all([connection.close(), database.close()]));
  return { client: new Client({ connection }), database };
}

test('it lives from the start on, and says what it lacks until it is ready', async (t) => {
  const { http } = await engineHttp(t);
  assert.equal((await fetch(`${http.at?.url}/health/live`)).status, 200);
  const starting = await fetch(`${http.at?.url}/health/ready`);
  assert.equal(starting.status, 503);
  assert.match(await starting.text(), /"reasons":\["Darkroom is starting"\]/);
  http.attach({ ...(await nobody(t)), hint: () => undefined });
  // What was seen holds for a second.
  for (let text = ''; !/the database does not answer/.test(text);) {
    await sleep(100);
    const away = await fetch(`${http.at?.url}/health/ready`);
    assert.equal(away.status, 503);
    text = await away.text();
    assert.match(text, /Darkroom is starting|"reasons":\["Temporal does not answer","the database does not answer"\]/);
  }
});

test('a webhook reaches the libraries, and neither its secret nor the token is written down', async (t) => {
  const { http, dataDir, logged, said } = await engineHttp(t);
  const token = (await readFile(apiTokenPath(dataDir), 'utf8')).trim();
  const hints: string[] = [];
  http.attach({ ...(await nobody(t)), hint: (library, id) => void hints.push(`${library} ${id}`) });
  const id = '6f1d2c3b-1111-4222-8333-944455566677';
  const secret = hookSecret(token, 'immich-bjørn');
  const { status } = await fetch(`${http.at?.url}/hooks/immich/immich-bj%C3%B8rn`, {
    method: 'POST',
    headers: { [hookHeader]: secret },
    body: JSON.stringify({ type: 'AssetV1', trigger: 'AssetCreate', data: { asset: { id } } }),
  });
  assert.equal(status, 202);
  assert.deepEqual(hints, [`immich-bjørn ${id}`]);
  const words = [...logged, ...said].join('\n');
  assert.match(words, /HTTP is served/);
  for (const hidden of [token, secret, id]) assert.ok(!words.includes(hidden));
});

test('the token that is set is the one that counts, and none is made then', async (t) => {
  const token = 'of-a-person-who-chose-it';
  const { http, dataDir } = await engineHttp(t, { DARKROOM_API_TOKEN: token });
  const ask = (authorization: string) => fetch(`${http.at?.url}/nowhere`, { headers: { authorization } });
  assert.equal((await ask(`Bearer ${token}`)).status, 404);
  assert.equal((await ask('Bearer another')).status, 401);
  await assert.rejects(readFile(apiTokenPath(dataDir)), { code: 'ENOENT' });
});

test('where it cannot listen it says why, once, with the setting; off is off without a word', async (t) => {
  const first = await engineHttp(t);
  const at = new URL(first.http.at?.url ?? '').host;
  const second = await engineHttp(t, { DARKROOM_HTTP_ADDRESS: at });
  assert.equal(second.http.at, undefined);
  assert.equal(second.said.length, 1);
  assert.match(
    second.said[0] ?? '',
    /another program listens on .*Set DARKROOM_HTTP_ADDRESS to another port, or to off/,
  );
  const elsewhere = await engineHttp(t, { DARKROOM_HTTP_ADDRESS: '192.0.2.1:2285' });
  assert.match(elsewhere.said.join(), /this machine has no address 192\.0\.2\.1:2285\. Set DARKROOM_HTTP_ADDRESS/);
  const off = await engineHttp(t, { DARKROOM_HTTP_ADDRESS: 'off' });
  assert.deepEqual([off.http.at, off.said], [undefined, []]);
});
