import type { AssetRef, AssetState } from './asset.ts';
import type { DetectedFace, FaceBox } from './face.ts';
import type { NamedPerson } from './person.ts';

/**
 * Faces of photos, by content hash: copies of a photo share them, in whichever library they are. Every method of these ports is
 * one statement for the database, and idempotent; all throw TransientError DatabaseUnavailable within a few seconds when it is
 * away. Ids that are none, or of faces that are no more, are left out without a word in lists.
 */

/** The faces that one model found on one photo, and those that people marked on it. */
export interface PhotoKey {
  /** SHA-256 of the photo's bytes, 64 hex digits. */
  readonly contentHash: string;
  /** Vectors of different models are never compared, and their faces never mixed. */
  readonly model: string;
}

/** What is known of a photo: `failed` when this picture cannot be done, with the reason. */
export type Detection =
  { readonly status: 'detected' | 'no_faces' } | { readonly status: 'failed'; readonly reason: string };

type AssignedBy = 'person' | 'cluster' | 'tags';

export interface Face extends PhotoKey {
  readonly faceId: string;
  /** manual: a person marked it. */
  readonly source: 'model' | 'manual';
  readonly box: FaceBox;
  readonly score?: number;
  /** A face without one is found by nobody: a person marked it where no service sees a face. */
  readonly hasVector: boolean;
  readonly person?: { readonly personId: string; readonly name?: string; readonly hidden: boolean };
  readonly assignedBy?: AssignedBy;
  /** Whom it is like, where nobody has it. */
  readonly suggestion?: Suggestion;
}

interface Suggestion {
  readonly personId: string;
  readonly name?: string;
  readonly cosine: number;
}

/** What is to be kept of one photo. Nothing is kept that is there already. */
export interface FaceStore {
  /** Has the model seen it? Faces that people marked say nothing about that. */
  detection(photo: PhotoKey): Promise<Detection | undefined>;
  /**
   * Keeps what the model found; an empty list as a marker. Nothing happens, and `isNew` is false, where anything of this model
   * is known already, a failure too. A face that is like one of another model, by its box, gets the person of that one, and
   * one that a person marked by hand is not kept twice. Throws PeopleError face-invalid, and then nothing was kept.
   */
  save(input: PhotoKey & { readonly faces: readonly DetectedFace[] }): Promise<{ readonly isNew: boolean }>;
  /** Notes that this picture cannot be done. Nothing happens where anything of this model is known already. */
  markFailed(input: PhotoKey & { readonly reason: string }): Promise<{ readonly isNew: boolean }>;
  /**
   * As `save`, in the place of what is known: faces whose boxes overlap stay the same faces, with their people; others of this
   * model, and its marker, go. Faces that people marked by hand stay.
   */
  rerun(input: PhotoKey & { readonly faces: readonly DetectedFace[] }): Promise<RerunResult>;
  /** Those of this model and those marked by hand, from left to right. */
  facesOf(photo: PhotoKey): Promise<readonly Face[]>;
  /** For a prompt: people with a name who are not hidden, each once, from left to right. */
  peopleOf(photo: PhotoKey): Promise<readonly NamedPerson[]>;
  find(faceId: string): Promise<Face | undefined>;
  /**
   * A face that a person marked, given to `personId`. The same box again is the same face. Without `embedding` it is like no
   * other. Throws PeopleError face-invalid, person-missing, person-merged.
   */
  addManual(
    input: PhotoKey & { readonly box: FaceBox; readonly embedding?: Float32Array; readonly personId?: string },
  ): Promise<Face>;
  /**
   * Deletes faces; returns how many there were. A photo whose last one of a model goes is noted as one without faces, so that it
   * is not looked at again by itself.
   */
  remove(faceIds: readonly string[]): Promise<number>;
}

export interface RerunResult {
  readonly kept: number;
  readonly added: number;
  readonly removed: number;
}

/** Whose faces they are. */
export interface FaceAssignments {
  /**
   * Gives faces to a person and returns the ids of those that changed. By a person: whoever has them now. By a program: only those
   * that nobody has, and of which nobody said that they are not this person's. Throws PeopleError person-missing, person-merged.
   */
  assign(input: {
    readonly faceIds: readonly string[];
    readonly personId: string;
    readonly by: AssignedBy;
  }): Promise<readonly string[]>;
  /** A person says "this is not them": takes faces from whoever has them; no program gives them back to the same person. */
  unassign(faceIds: readonly string[]): Promise<readonly string[]>;
  /**
   * A person without a name for faces that look alike. Where one of the faces has a person already it is that one, so that a
   * second call answers as the first. Undefined where none of the faces is there.
   */
  foundPerson(faceIds: readonly string[]): Promise<string | undefined>;
  /** Faces with a vector that nobody has, by id, after the one of that id. */
  unassigned(input: {
    readonly model: string;
    readonly after?: string;
    readonly limit: number;
    readonly deferred?: boolean;
  }): Promise<readonly FaceVector[]>;
  /** Puts faces off to the second pass of clustering. */
  defer(faceIds: readonly string[]): Promise<void>;
  /** Notes whom faces may be, where nobody has them and nobody has said that they are not. */
  suggest(suggestions: readonly { faceId: string; personId: string; cosine: number }[]): Promise<void>;
  /** A person says "no": such a face is not suggested for that person again, nor given to them by a program. */
  reject(input: { readonly faceIds: readonly string[]; readonly personId: string }): Promise<void>;
  /** The most alike first. A face that belongs to a merged person's heir is suggested for the heir. */
  suggestions(input: {
    readonly model: string;
    readonly personId?: string;
    readonly library?: string;
    readonly limit: number;
  }): Promise<readonly SuggestedFace[]>;
}

/** A face that nobody has, and whom it is like. */
interface SuggestedFace extends FaceOfPerson {
  readonly suggestion: Suggestion;
}

export interface FaceVector extends PhotoKey {
  readonly faceId: string;
  readonly personId?: string;
  /** 512 numbers. */
  readonly embedding: Float32Array;
}

/** Vectors of one model, for the index and for those who ask the API. */
export interface FaceVectors {
  /** In the order of their ids, after the one of that id or from the `offset`th on. */
  page(input: {
    readonly model: string;
    readonly limit: number;
    readonly after?: string;
    readonly offset?: number;
    readonly library?: string;
    readonly unassigned?: boolean;
  }): Promise<readonly FaceVector[]>;
  /** Where changes are to be asked for from now on; read it before the first page. */
  position(): Promise<string>;
  /**
   * What changed since that position: faces as they are now, ids of those that are no more, and where to go on. The same change
   * may come twice, none is left out, whichever transaction ends first. `isLast`: nothing more for the moment.
   */
  changes(input: { readonly model: string; readonly since: string; readonly limit: number }): Promise<{
    readonly changed: readonly FaceVector[];
    readonly removed: readonly string[];
    readonly next: string;
    readonly isLast: boolean;
  }>;
  vectorOf(faceId: string): Promise<FaceVector | undefined>;
}

/** Where a face can be looked at. */
export interface FaceOfPerson extends Face {
  /** One of the photos that it is on; absent where none of them is there any more. */
  readonly asset?: AssetRef;
}

/** A photo of a library, by the path that it is shown with below it. */
export type PhotoAt = (library: string, path: string) => Promise<FoundPhoto | 'no library' | 'no photo'>;

export interface FoundPhoto {
  readonly asset: AssetRef;
  readonly state: AssetState;
  /** Absent until its bytes were read. */
  readonly contentHash?: string;
}
