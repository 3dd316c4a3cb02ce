export interface Mount {
  readonly mountPoint: string;
  readonly type: string;
}

/** File systems whose changes on the server or host never reach inotify here. */
const networkTypes = new Set(
  (
    'nfs nfs4 cifs smb3 smb2 smbfs ncpfs 9p virtiofs afs davfs ceph glusterfs lustre gpfs beegfs coda ocfs2 gfs2 orangefs ' +
    'vboxsf prl_fs vmhgfs fakeowner fuse.sshfs fuse.rclone fuse.davfs fuse.davfs2 fuse.glusterfs fuse.ceph fuse.ceph-fuse ' +
    'fuse.s3fs fuse.gcsfuse fuse.goofys fuse.mount-s3 fuse.vmhgfs-fuse fuse.grpcfuse fuse.osxfs fuse.gvfsd-fuse fuse.kio-fuse ' +
    'fuse.juicefs fuse.seaweedfs fuse.onedriver fuse.google-drive-ocamlfuse'
  ).split(' '),
);

/**
 * The network mount that holds `path` (absolute and real), or the first one below it: either way its changes would go
 * unnoticed. `mountinfo` is the text of /proc/self/mountinfo.
 */
export function networkMount(mountinfo: string, path: string): Mount | undefined {
  const mounts = parseMountinfo(mountinfo);
  let holder: Mount | undefined;
  for (const mount of mounts) {
    // Later lines lie on top of earlier ones of the same mount point.
    if (isBelow(mount.mountPoint, path) && mount.mountPoint.length >= (holder?.mountPoint.length ?? 0)) holder = mount;
  }
  if (holder !== undefined && networkTypes.has(holder.type)) return holder;
  return mounts.find(({ mountPoint, type }) => networkTypes.has(type) && isBelow(path, mountPoint));
}

/** Fields up to a lone dash vary in number; the type follows it (proc(5)). */
function parseMountinfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    const mountPoint = fields[4];
    const type = fields[fields.indexOf('-', 6) + 1];
    return mountPoint === undefined || type === undefined || !fields.includes('-')
      ? []
      : [{ mountPoint: unescapeOctal(mountPoint), type }];
  });
}

/** Spaces, tabs, newlines and backslashes are written as `\040` and so on, byte by byte. */
const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

const isBelow = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
