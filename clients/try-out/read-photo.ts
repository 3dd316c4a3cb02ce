import { stat } from 'node:fs/promises';
import { toFileStat } from '../../adapters/folder/file-stat.ts';
import { showPath } from '../../domain/paths.ts';
import type { PictureReader } from '../../domain/ports.ts';
import { promptFacts, type PromptFacts } from '../../domain/recipe.ts';
import type { TryPeople } from './people.ts';

export type ChosenPhoto = ChosenFile | ChosenAsset;

/** A photo of an Immich. */
export interface ChosenAsset {
  readonly immichId: string;
  /** Its file name. */
  readonly shown: string;
}

export interface ChosenFile {
  /** Absolute; bytes, because names need not be UTF-8. */
  readonly path: Buffer;
  /** Below its library where it is in one, as prompts and tables have it. */
  readonly shown: string;
}

export interface ReadPhoto {
  readonly jpeg: Buffer;
  readonly facts: PromptFacts;
}

const looks = 3;

/** Reads a file as the steps of a run do, and keeps nothing. Throws Error where it is gone or does not hold still. */
export async function readFile(
  pictures: PictureReader,
  { path, shown }: ChosenFile,
  { longSide, people, signal }: { longSide: number; people: Pick<TryPeople, 'withPeople'>; signal: AbortSignal },
): Promise<ReadPhoto> {
  for (let look = 1; look <= looks; look += 1) {
    const stats = await stat(path, { bigint: true }).catch(() => undefined);
    if (stats === undefined) throw new Error(`${shown} is not there any more.`);
    const reading = await pictures.read({ path, expected: toFileStat(stats), longSide, signal });
    if (reading.kind === 'gone') throw new Error(`${shown} is not there any more.`);
    if (reading.kind === 'read') {
      const { hash, capture } = reading.content;
      return { jpeg: reading.rendition, facts: await people.withPeople(hash, promptFacts(capture)) };
    }
  }
  throw new Error(`${shown} changes while it is read; try again when it is whole.`);
}

/** Relative to the innermost of these folders that holds it, else as loose files are: from the root of the file system. */
export function shownBelow(roots: readonly string[], path: Buffer): string {
  const shown = showPath(path);
  const above = roots
    .map((root) => `${showPath(Buffer.from(root.replace(/\/+$/, '')))}/`)
    .filter((root) => shown.startsWith(root))
    .sort((a, b) => b.length - a.length)[0];
  return shown.slice((above ?? '/').length);
}
