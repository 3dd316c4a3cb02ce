import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { loadSettings } from '../../runtime/config.ts';
import { createLog } from '../../runtime/log.ts';
import { createHostsReload } from '../../workers/hosts-reload.ts';
import { hostsWhenRight } from '../../workers/hosts-when-right.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const logged = z.object({ level: z.string(), msg: z.string() });

/** A log that keeps its lines, as `level: message`. */
function createLines() {
  const lines: string[] = [];
  const write = (line: string) => {
    const { level, msg } = logged.parse(JSON.parse(line));
    lines.push(`${level}: ${msg}`);
  };
  return { lines, log: createLog({ level: 'info', pretty: false, destination: { write } }) };
}

test('an engine that finds a wrong hosts file waits for a right one, and says so once', async (t) => {
  const file = path.join(await temporaryFolder(t), 'hosts.json');
  await writeFile(file, '{"hosts": []}');
  const env = { VISION_HOSTS_FILE: file };
  const { lines, log } = createLines();
  const { signal } = new AbortController();
  // The look again keeps no process alive; an engine has its channel, this test has to hold on by itself.
  const holding = setTimeout(() => undefined, 20_000);
  const waiting = hostsWhenRight({ settings: loadSettings(env), env, log, signal, lookEveryMs: 5 });
  while (lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await writeFile(file, '{"hosts": [{"url": "http://a"}]}');
  assert.deepEqual(
    (await waiting).map(({ label }) => label),
    ['http://a'],
  );
  clearTimeout(holding);
  assert.equal(lines.filter((line) => line === 'error: Waiting until the hosts file is right').length, lines.length);
  // A file that is read in the middle of being written is wrong in another way.
  assert.ok(lines.length <= 2, lines.join('\n'));
});

test('an engine that is stopped while it waits for a right file ends', async () => {
  const env = { VISION_HOSTS_FILE: '/nowhere/hosts.json' };
  const { log } = createLines();
  await assert.rejects(hostsWhenRight({ settings: loadSettings(env), env, log, signal: AbortSignal.abort() }), {
    name: 'AbortError',
  });
});

test('reloads come one after the other, and only right ones change the hosts', async (t) => {
  const file = path.join(await temporaryFolder(t), 'hosts.json');
  await writeFile(file, '{"hosts": [{"url": "http://a"}]}');
  const env = { VISION_HOSTS_FILE: file };
  const { lines, log } = createLines();
  const updates: string[][] = [];
  const update = (next: readonly { label: string }[]) => void updates.push(next.map(({ label }) => label));
  const reload = createHostsReload({ settings: loadSettings(env), env, hosts: [], update, log });
  const [first, second] = await Promise.all([reload(), reload()]);
  assert.deepEqual([first.text, second.text], ['1 vision host: added http://a', '1 vision host: nothing changed']);
  await writeFile(file, '{}');
  const wrong = await reload();
  assert.ok(!wrong.ok && wrong.text.includes(file), wrong.text);
  assert.deepEqual(updates, [['http://a'], ['http://a']]);
  assert.deepEqual(lines, [
    'info: The hosts were read again',
    'info: The hosts were read again',
    'warn: The hosts stay as they are',
  ]);
});
