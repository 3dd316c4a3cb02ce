/** The library of photos that `darkroom describe` was given and that belong to no other; neither watched nor scanned. */
export const looseLibrary = 'files';

/** Longer names would leave too little of 255 characters for the path (domain/paths.ts). */
const longestName = 40;

/**
 * What a library is called: as its folder, and with a number behind it where another folder is called so already. A
 * library keeps its name for ever, because workflow ids hold it.
 */
export function libraryName(root: string, existing: readonly { name: string; root: string }[]): string {
  const known = existing.find((library) => library.root === root);
  if (known !== undefined) return known.name;
  const last = root.split('/').findLast((part) => part !== '') ?? 'root';
  // oxlint-disable-next-line no-control-regex -- control characters have no place in an id
  const base = last.replace(/[\u0000-\u001f\u007f]/g, '_').slice(0, longestName);
  const taken = new Set([looseLibrary, ...existing.map(({ name }) => name)]);
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}
