import { isPlainPath, showPath } from '../../domain/paths.ts';

/** Paths below the library's root as the bytes that the system has, `/`-separated; the root itself is empty. */

const slash = 0x2f;
const separator = Buffer.from('/');

export const rootPath: Buffer = Buffer.alloc(0);

export const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const below = (folder: Buffer, name: Buffer): Buffer =>
  folder.length === 0 ? name : Buffer.concat([folder, separator, name]);

export function absoluteIn(root: string | Buffer, path: Buffer): Buffer {
  const start = typeof root === 'string' ? Buffer.from(root) : root;
  if (path.length === 0) return start;
  return start.at(-1) === slash ? Buffer.concat([start, path]) : Buffer.concat([start, separator, path]);
}

export const baseName = (path: Buffer): Buffer => path.subarray(path.lastIndexOf(slash) + 1);

export const parentOf = (path: Buffer): Buffer => path.subarray(0, Math.max(0, path.lastIndexOf(slash)));

export function components(path: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at <= path.length;) {
    const end = path.indexOf(slash, at);
    parts.push(path.subarray(at, end === -1 ? path.length : end));
    at = end === -1 ? path.length + 1 : end + 1;
  }
  return parts;
}

/** `path` relative to `folder`: empty where they are the same, undefined where it lies elsewhere. Both absolute and real. */
export function relativeTo(folder: Buffer, path: Buffer): Buffer | undefined {
  if (path.equals(folder)) return rootPath;
  const prefix = folder.length === 1 ? folder : Buffer.concat([folder, separator]);
  return path.subarray(0, prefix.length).equals(prefix) ? path.subarray(prefix.length) : undefined;
}

/** `showPath`, by the short way for the usual names: it is asked for every entry of every folder. */
export const shown = (path: Buffer): string => (isPlainPath(path) ? path.toString('utf8') : showPath(path));

/** One text per path, for keys of maps: one byte, one character. */
export const keyOf = (path: Buffer): string => path.toString('latin1');
export const pathOfKey = (key: string): Buffer => Buffer.from(key, 'latin1');
