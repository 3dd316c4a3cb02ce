import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { darkroom } from '../support/darkroom-command.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('hosts check asks each host once for the model of each role, and its exit code says whether all can work', async (t) => {
  const home = await temporaryFolder(t);
  const file = path.join(home, 'hosts.json');
  const [host, off] = [await startScriptedHost(), await startScriptedHost()];
  t.after(() => host.off());
  await off.off();
  const env = {
    DARKROOM_DATA_DIR: path.join(home, 'data'),
    COLUMNS: '70',
    VISION_MODEL: host.model,
    VISION_FALLBACK_MODEL: 'second-vl',
    VISION_HOSTS: '',
    VISION_HOSTS_FILE: '',
  };
  const write = (...hosts: object[]) => writeFile(file, JSON.stringify({ hosts }));
  const check = (...more: string[]) => darkroom(['hosts', 'check', ...more], env);

  await write({ url: host.url });
  const good = await check(file);
  assert.deepEqual([good.code, good.err], [0, '']);
  assert.match(
    good.out.replace(/\s+/g, ' '),
    /ok hosts file: \/.*hosts\.json, 1 vision host ok vision host http:\S+: has/,
  );

  await write({ url: host.url, model: { primary: host.model, fallback: 'second-vl' } }, { url: off.url });
  const bad = await check(file);
  assert.equal(bad.code, 3);
  const words = bad.out.replace(/\s+/g, ' ');
  assert.match(words, /WRONG fallback host http:\S+: does not have second-vl → On that machine: ollama pull second-vl/);
  assert.match(words, /AWAY vision host http:\S+:/);
  for (const line of bad.out.split('\n')) assert.ok(line.length <= 70 || !line.trim().includes(' '), line);

  const answer = z.object({ exitCode: z.number(), hosts: z.array(z.object({ role: z.string(), state: z.string() })) });
  const json = answer.parse(JSON.parse((await check(file, '--json')).out));
  assert.deepEqual(json.exitCode, 3);
  assert.deepEqual(
    json.hosts.map(({ role, state }) => `${role} ${state}`),
    ['primary ready', 'fallback model-missing', 'primary away'],
  );

  await write({ url: host.url, tokenFile: 'none' });
  const wrong = await check(file);
  assert.deepEqual([wrong.code, wrong.out], [2, '']);
  assert.match(wrong.err, /tokenFile: the file that it names is not there/);

  // Without a file: the hosts of VISION_HOSTS.
  const plain = await darkroom(['hosts', 'check'], { ...env, VISION_HOSTS: host.url, VISION_FALLBACK_MODEL: '' });
  assert.deepEqual([plain.code, plain.err], [0, '']);
  assert.match(plain.out, /VISION_HOSTS: 1 vision host/);

  const doctor = await darkroom(['doctor'], { ...env, VISION_HOSTS_FILE: file });
  assert.equal(doctor.code, 1);
  assert.match(doctor.out.replace(/\s+/g, ' '), /WRONG vision hosts: host 1 \(http:\S+\): tokenFile: the file/);
});

test('hosts commands say what is missing', async (t) => {
  const env = { DARKROOM_DATA_DIR: await temporaryFolder(t) };
  for (const what of ['list', 'reload']) {
    const { code, err } = await darkroom(['hosts', what], env);
    assert.equal(code, 3, what);
    assert.match(err, /Darkroom does not run on \/.*Start it with "darkroom up"/);
  }
  const misspelt = await darkroom(['hosts', 'relaod'], env);
  assert.equal(misspelt.code, 2);
  assert.match(misspelt.err, /Allowed choices are list, check, reload/);
  assert.equal((await darkroom(['hosts', 'reload', 'x.json'], env)).code, 2);
});
