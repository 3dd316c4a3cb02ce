import type { FileStat } from '../../domain/asset.ts';
import { PermanentError, TransientError } from '../../domain/errors.ts';
import { classifyName, showPath } from '../../domain/paths.ts';
import type { Folder, FoundFile } from '../../domain/ports.ts';

export interface MemoryFolder extends Folder {
  put(path: string | Uint8Array, stat?: Partial<FileStat>): void;
  remove(path: string | Uint8Array): void;
  /** As when the drive is pulled out; `true` again brings it back. */
  setPresent(present: boolean): void;
}

/** A library's folder without a disk. Passes test/suites/folder.suite.ts. */
export function createMemoryFolder(root = '/library'): MemoryFolder {
  const files = new Map<string, { rawPath: Buffer; stat: FileStat }>();
  let present = true;
  let inode = 0;
  const key = (path: string | Uint8Array) => Buffer.from(path).toString('latin1');
  const mustBeThere = () => {
    if (!present) throw new TransientError('LibraryUnreadable', `The library folder ${root} cannot be read.`);
  };

  return {
    root,
    async page({ cursor, limit, signal }) {
      signal?.throwIfAborted();
      mustBeThere();
      const after = cursor === undefined ? undefined : inOrder(Buffer.from(cursor, 'base64url'));
      const rest = [...files.values()]
        .filter(({ rawPath }) => after === undefined || Buffer.compare(inOrder(rawPath), after) > 0)
        .sort((a, b) => Buffer.compare(inOrder(a.rawPath), inOrder(b.rawPath)))
        .flatMap(({ rawPath, stat }): FoundFile[] => {
          const kind = kindOf(rawPath);
          return kind === 'other' ? [] : [{ rawPath, kind, stat }];
        });
      const page = rest.slice(0, limit);
      const last = rest.length > limit ? page.at(-1) : undefined;
      const next = last === undefined ? undefined : Buffer.from(last.rawPath).toString('base64url');
      return { files: page, problems: [], next };
    },
    async stat(rawPath) {
      mustBeThere();
      return files.get(key(rawPath))?.stat;
    },
    async resolve(rawPath) {
      const text = key(rawPath);
      if (text.split('/').some((name) => ['', '.', '..'].includes(name)))
        throw new PermanentError('OutsideLibrary', `${showPath(rawPath)} leads out of the library folder.`);
      return Buffer.concat([Buffer.from(`${root}/`), rawPath]);
    },
    put(path, stat = {}) {
      inode += 1;
      const now = Date.now();
      const full = { size: 7, mtimeMs: now, ctimeMs: now, inode: String(inode), ...stat };
      files.set(key(path), { rawPath: Buffer.from(path), stat: full });
    },
    remove: (path) => void files.delete(key(path)),
    setPresent: (value) => void (present = value),
  };
}

/** Paths compare by components when `/` sorts before every other byte. */
const inOrder = (path: Uint8Array): Uint8Array => path.map((byte) => (byte === 0x2f ? 0 : byte));

const kindOf = (path: Buffer) => {
  const names = showPath(path).split('/');
  return names.some((name) => name.startsWith('.')) ? 'other' : classifyName(names.at(-1) ?? '');
};
