import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchAdvice } from '../../adapters/folder/inotify-limits.ts';

test('too few watches: the line has a number that holds the folders on top of what is in use', () => {
  assert.match(
    watchAdvice('ENOSPC', 2_000, { maxUserWatches: 8_192 }),
    /sudo sysctl fs\.inotify\.max_user_watches=524288 /,
  );
  assert.match(
    watchAdvice('ENOSPC', 100_000, { maxUserWatches: 524_288 }),
    /sudo sysctl fs\.inotify\.max_user_watches=1048576 /,
  );
});

test('too many files open: ulimit where it is ours, else the number of inotify instances', () => {
  const ours = watchAdvice('EMFILE', 10, { openFiles: 1_020, maxOpenFiles: 1_024, maxUserInstances: 128 });
  assert.match(ours, /ulimit -n 2048/);
  const instances = watchAdvice('EMFILE', 10, { openFiles: 20, maxOpenFiles: 1_024, maxUserInstances: 128 });
  assert.match(instances, /sudo sysctl fs\.inotify\.max_user_instances=256 /);
});
