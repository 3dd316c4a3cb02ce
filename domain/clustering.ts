/** One page of faces that nobody has. Faces by id, after the one of that id; `deferred`: those that a first pass put off. */
export interface ClusterFacesInput {
  readonly model: string;
  readonly after?: string;
  readonly deferred: boolean;
}

/** Counts of faces, and of people without a name who were founded. Twice is harmless: the second time finds less to do. */
export interface ClusterFacesResult {
  readonly looked: number;
  /** Given to somebody, faces of founded people among them: those may be from later pages. */
  readonly assigned: number;
  readonly people: number;
  readonly suggested: number;
  readonly deferred: number;
  /** Id of the face behind which the next page goes on; absent behind the last one. */
  readonly next?: string;
}
