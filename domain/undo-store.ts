import type { AssetRef } from './asset.ts';
import type { Publication } from './immich-store.ts';
import type { UndoChoice } from './undo.ts';

/** One text that may be taken back. */
export interface UndoableText {
  readonly asset: AssetRef;
  readonly publication: Publication;
  /** SHA-256 of the field as we last meant it. */
  readonly textSha: string;
  readonly taken: number | undefined;
  /** Meant to be taken back when a process ended: nobody knows whether it was. */
  readonly isUnderWay: boolean;
}

/** Every method is one idempotent statement; all throw TransientError DatabaseUnavailable within a few seconds when it is away. */
export interface UndoStore {
  /** In the order of their keys. Those that were taken back, or that a person emptied, are not among them. */
  page(input: {
    choice: UndoChoice;
    after: string | undefined;
    limit: number;
  }): Promise<{ readonly texts: readonly UndoableText[]; readonly next: string | undefined }>;
  count(choice: UndoChoice): Promise<number>;
  /** From here on it is meant to be taken back. False where it was written or changed meanwhile. */
  begin(input: { assetId: string; textSha: string }): Promise<boolean>;
  undone(input: { assetId: string; textSha: string }): Promise<void>;
  /** A person wants them written once more, whatever became of our last text: emptied, taken back, or lost. */
  askAgain(assetIds: readonly string[]): Promise<void>;
  /** Somebody changed the field between our look and our write: it stays as it is. */
  left(input: { assetId: string; textSha: string; isEmpty: boolean }): Promise<void>;
}
