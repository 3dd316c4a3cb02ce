import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { noticedFiles } from '../support/noticed-files.ts';
import { tempFolder } from '../support/temp-folder.ts';

const limits = { timeout: 30_000 };
const program = fileURLToPath(new URL('../support/watch-to-limit.ts', import.meta.url));

/**
 * Three watches for six folders. A user namespace has a limit of its own, so nothing changes for the rest of the machine;
 * where the system allows none, the refusal is made up and all the rest is the same.
 */
function watchWithThreeWatches(root: string): readonly [string, readonly string[]] {
  const ownLimit = spawnSync('unshare', ['-Ur', 'sh', '-c', 'echo 3 > /proc/sys/user/max_inotify_watches']);
  if (ownLimit.status !== 0) return [process.execPath, [program, root, '3']];
  const script = 'echo 3 > /proc/sys/user/max_inotify_watches && exec "$@"';
  return ['unshare', ['-Ur', 'sh', '-c', script, 'sh', process.execPath, program, root]];
}

test('too few watches for all folders: the folder is scanned, and one line says what would help', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  for (const name of ['a', 'b', 'c', 'd', 'e']) await mkdir(join(root, name));
  const [command, args] = watchWithThreeWatches(root);
  const child = spawn(command, [...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes('"ready"')) await write('e/new.jpg');
    if (line.includes('"file"')) child.stdin.end();
  }
  const told = lines.filter((line) => line.includes('sysctl'));
  assert.equal(told.length, 2, 'once in the log, once to the caller');
  assert.match(
    told[0] ?? '',
    /cannot be watched \(ENOSPC\).*scanned.*sudo sysctl fs\.inotify\.max_user_watches=\d{6,}/,
  );
  assert.ok(lines.includes('{"file":"e/new.jpg"}'), lines.join('\n'));
  assert.ok(lines.some((line) => line.startsWith('{"scan"')));
  if (child.exitCode === null) await once(child, 'exit');
  assert.equal(child.exitCode, 0);
});

test('a limit that is met later, by a folder that comes, has the same end', limits, async (t) => {
  const { root, write } = await tempFolder(t);
  await write('a/1.jpg');
  const { watch } = await import('node:fs');
  let allowed = 2;
  const noticed = await noticedFiles(t, root, {
    openWatch: (path, onEvent) => {
      allowed -= 1;
      if (allowed < 0) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
      return watch(path, { encoding: 'buffer' }, onEvent);
    },
  });
  assert.deepEqual(noticed.fallbacks, []);
  await write('b/2.jpg');
  await noticed.until(() => noticed.fallbacks.length > 0);
  assert.match(noticed.fallbacks.join(), /cannot be watched \(EMFILE\).*(max_user_instances|ulimit -n)/);
  await noticed.until(() => noticed.scans.length > 0);
  await write('b/3.jpg');
  await noticed.until(() => noticed.paths.includes('b/3.jpg'));
  assert.equal(noticed.fallbacks.length, 1);
});
