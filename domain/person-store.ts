import type { AssetRef } from './asset.ts';
import type { FaceOfPerson, PhotoKey } from './face-store.ts';
import type { NamedPerson, Person, PersonChange } from './person.ts';

/** People, in one statement each; all throw TransientError DatabaseUnavailable within a few seconds when the database is away. */
export interface PersonStore {
  /** Throws PeopleError name-taken with the id of the one who has that name, name-invalid, value-invalid. */
  create(person: PersonChange): Promise<Person>;
  /** Undefined where there is none. Throws PeopleError person-merged. */
  find(personId: string): Promise<Person | undefined>;
  /** By a name that folds to the same. */
  findByName(name: string): Promise<Person | undefined>;
  /** Throws PeopleError person-missing, person-merged, name-taken, name-invalid, value-invalid, face-missing for a cover. */
  change(personId: string, change: PersonChange): Promise<Person>;
  /**
   * Deletes a person, and those who were merged into them for good. `set_null`: their faces stay and belong to nobody. `delete`:
   * their faces go too, those that people marked by hand as well. Undefined where there was no such person. Throws PeopleError
   * person-merged.
   */
  remove(
    personId: string,
    cascade: 'set_null' | 'delete',
  ): Promise<{ readonly faces: number; readonly manualFaces: number } | undefined>;
  /** Those with a name first, by it; then those without, most faces first. */
  list(input: PeopleQuery): Promise<readonly ListedPerson[]>;
  /** By id, after the one of that id. */
  faces(input: PersonPage): Promise<readonly FaceOfPerson[]>;
  /** Photos that are there, by id, after the one of that id. */
  photos(input: PersonPage): Promise<readonly AssetRef[]>;
  /** The chosen face, or else the largest and surest one; undefined where they have none on a photo that is there. */
  cover(personId: string): Promise<FaceOfPerson | undefined>;
  stats(input: { readonly model: string; readonly library?: string }): Promise<FaceStats>;
}

interface PersonPage {
  readonly personId: string;
  readonly library?: string;
  readonly after?: string;
  readonly limit: number;
}

interface PeopleQuery {
  /** Only people on photos of this library, with the counts of it. */
  readonly library?: string;
  readonly only?: 'named' | 'unnamed';
  /** Hidden ones too. */
  readonly withHidden?: boolean;
  /** Part of the name. */
  readonly words?: string;
  /** Only these; ids that are none are left out. */
  readonly ids?: readonly string[];
  readonly limit: number;
  readonly offset?: number;
}

export interface ListedPerson extends Person {
  readonly faces: number;
  /** Photos that are there, in all libraries or in the one that was asked for. */
  readonly photos: number;
  readonly libraries: readonly { readonly library: string; readonly photos: number }[];
}

/** Photos are counted by their bytes: copies count once. People who were merged count as one. */
interface FaceStats {
  readonly photosWithFaces: number;
  readonly photosWithoutFaces: number;
  readonly photosFailed: number;
  /** Of this model and marked by hand. */
  readonly faces: number;
  readonly manualFaces: number;
  readonly assignedFaces: number;
  readonly suggestedFaces: number;
  readonly people: number;
  readonly namedPeople: number;
  readonly hiddenPeople: number;
}

/** What a description is told of people. Our own people: those of an Immich are told by it. */
export interface ToldPeople {
  /**
   * As `FaceStore.peopleOf`, for a photo that is about to be described with these names: the mark that it was told others is taken
   * off. Names that are given from then on mark it again.
   */
  tell(input: PhotoKey & { readonly assetId: string }): Promise<readonly NamedPerson[]>;
}

/** Merging people, and taking it back. Two of these never run at once; who comes second sees what the first one did. */
export interface MergeStore {
  /**
   * Makes one person of several, in one go or not at all: their faces become the target's; a name, notes, entity id and birth
   * date are copied where the target has none. Who was merged into the target before stays so, `isNew` false. Throws PeopleError
   * merge-into-itself, person-missing, person-merged.
   */
  merge(input: MergeInput): Promise<readonly MergeResult[]>;
  /** What `merge` would do, and why it could not; writes nothing and throws no PeopleError. */
  preview(input: MergeInput): Promise<MergePreview>;
  /**
   * Takes one merge back, in any order. The person is again who they were. The faces that it moved go back, unless they were
   * assigned to somebody since, taken away, or deleted: what people decided later stays. So does a name, notes and so on that
   * the target got by it, unless somebody changed them. A second call changes nothing, `isNew` false. Throws PeopleError
   * merge-missing, and name-taken where somebody else is called so by now.
   */
  unmerge(mergeId: string): Promise<UnmergeResult>;
  /** Merges that this person is part of, on either side, the newest first. */
  mergesOf(personId: string): Promise<readonly Merge[]>;
}

interface MergeInput {
  /** Who become the target, in this order. */
  readonly sources: readonly string[];
  readonly target: string;
}

interface MergeResult {
  readonly mergeId: string;
  readonly sourceId: string;
  /** That were moved. */
  readonly faces: number;
  readonly isNew: boolean;
}

export interface MergePreview {
  /** Undefined where it is not there. */
  readonly target: { readonly before: Person; readonly after: Person; readonly faces: number } | undefined;
  readonly sources: readonly { readonly person: Person; readonly faces: number }[];
  /** In words; empty where it can be done. */
  readonly problems: readonly string[];
}

interface UnmergeResult {
  readonly sourceId: string;
  readonly targetId: string;
  /** That went back. */
  readonly faces: number;
  readonly isNew: boolean;
}

export interface Merge {
  readonly mergeId: string;
  readonly source: { readonly personId: string; readonly name?: string };
  readonly target: { readonly personId: string; readonly name?: string };
  readonly faces: number;
  readonly at: number;
  /** When it was taken back; undefined while it holds. */
  readonly undone: number | undefined;
}
