import type { AssetRef, Content, FileStat } from '../domain/asset.ts';
import type { SettleCheck } from '../domain/contract.ts';
import type { PictureReader, PictureReading } from '../domain/ports.ts';
import type { PromptFacts } from '../domain/recipe.ts';
import type { Observation } from '../domain/settle.ts';
import { type FolderSourceDeps, folderSource } from './folder-source.ts';
import type { ImmichDeps } from './immich-deps.ts';
import { immichSource } from './immich-source.ts';

interface LookInput {
  /** The earliest look since the last change. */
  readonly first: Observation | undefined;
  readonly quietMs: number | undefined;
  readonly signal: AbortSignal;
}

interface ReadInput {
  /** As the photo was when it was found whole; anything else is torn. */
  readonly expected: FileStat;
  readonly longSide: number;
  readonly signal: AbortSignal;
}

/** Where a library's photos come from: a folder, or an Immich. */
export interface PhotoSource {
  /** May it be read now? */
  look(asset: AssetRef, input: LookInput): Promise<SettleCheck>;
  /** What it is by now; undefined where it is gone. */
  version(asset: AssetRef, signal: AbortSignal): Promise<FileStat | undefined>;
  /** Throws the faults of `PictureReader.read`, and of the library. */
  read(asset: AssetRef, input: ReadInput): Promise<PictureReading>;
  /** Undefined where the photo is gone. */
  tell(asset: AssetRef, content: Content, signal: AbortSignal): Promise<Told | undefined>;
}

interface Told {
  /** What a prompt may tell of it. */
  readonly facts: PromptFacts;
  /** SHA-256 of what stands in the library's own field, after trim; absent where it has none. */
  readonly fieldSha?: string;
  /** The library knows itself who is on its photos: nobody else is to look for faces. */
  readonly facesAreLeft?: boolean;
}

export interface Sources {
  of(library: string): Promise<PhotoSource>;
}

export interface SourcesDeps extends FolderSourceDeps {
  readonly pictures: Pick<PictureReader, 'read' | 'readBytes'>;
  /** Absent: every library is a folder. */
  readonly immich?: ImmichDeps | undefined;
}

export function createSources(deps: SourcesDeps): Sources {
  const folders = folderSource(deps);
  const { immich, pictures, now } = deps;
  return {
    async of(library) {
      const open = await immich?.immichs.of(library);
      if (immich === undefined || open === undefined) return folders;
      return immichSource({ ...immich, open, pictures, now });
    },
  };
}
