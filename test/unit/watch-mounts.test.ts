import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkMount } from '../../adapters/folder/mounts.ts';

const mountinfo = [
  '27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
  '30 27 0:40 / /mnt/nas rw,relatime shared:5 master:2 - nfs4 nas:/volume1 rw,vers=4.2',
  '31 30 8:17 / /mnt/nas/local rw,relatime - xfs /dev/sdb1 rw',
  '32 27 0:41 / /mnt/my\\040photos\\134x rw,relatime - cifs //nas/photos rw',
  '33 27 0:42 / /home/a/ssh rw,nosuid - fuse.sshfs a@b:/ rw',
  '34 27 0:43 / /mnt/over rw - nfs nas:/old rw',
  '35 34 8:33 / /mnt/over rw - ext4 /dev/sdc1 rw',
  '36 27 0:44 / /proc rw - proc proc rw',
  '',
].join('\n');

test('a folder on a network mount is told from one on a local disk, by the longest mount point', () => {
  const types = (paths: string[]) => paths.map((path) => networkMount(mountinfo, path)?.type);
  assert.deepEqual(types(['/mnt/nas', '/mnt/nas/a/b', '/home/a/ssh/photos', '/mnt/my photos\\x/2024']), [
    'nfs4',
    'nfs4',
    'fuse.sshfs',
    'cifs',
  ]);
  assert.deepEqual(types(['/srv/photos', '/mnt/nas/local/x', '/mnt/nas2', '/mnt/over/x', '/home/a/sshx']), [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('a local folder that holds a network mount counts too', () => {
  assert.deepEqual(networkMount(mountinfo, '/home/a'), { mountPoint: '/home/a/ssh', type: 'fuse.sshfs' });
  assert.equal(networkMount(mountinfo, '/')?.type, 'nfs4');
});

test('text that is no mountinfo says nothing', () => {
  for (const text of ['', 'nonsense\n', '1 2 3 / / rw', '1 2 3 / /mnt rw -'])
    assert.equal(networkMount(text, '/mnt'), undefined);
});
