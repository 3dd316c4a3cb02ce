/** A face that is like the one that was asked for. */
export interface Neighbour {
  readonly faceId: string;
  /** Absent where nobody has it. */
  readonly personId?: string;
  /** 1 for the same face, 0 for one that has nothing of it. */
  readonly cosine: number;
}

export interface NearestQuery {
  /** 512 finite numbers, of any length as a vector but 0. */
  readonly embedding: Float32Array;
  readonly limit: number;
  /** None that is less alike. */
  readonly minCosine: number;
  /** Only faces that somebody has: however many nearer ones nobody has, the nearest of these are found. */
  readonly withPerson?: boolean;
  /** Not this face: the one that is asked for is its own nearest neighbour. */
  readonly exclude?: string;
}

/**
 * The faces of one model, by likeness; vectors of different models are never compared. What the index knows is as old as its last
 * `refresh`. Throws TransientError DatabaseUnavailable where it has to ask the database and that is away.
 */
export interface FaceIndex {
  readonly model: string;
  /** In words, for `doctor` and a log line. */
  readonly kind: 'pgvector' | 'memory';
  /** Best first. Throws RangeError for a vector of another length, of length 0, or with what is no number in it. */
  nearest(query: NearestQuery): Promise<readonly Neighbour[]>;
  /**
   * Takes what changed since the last time: new faces, faces that are no more, new vectors, who has whom. The first time it reads
   * every vector. Whoever calls it finds what was written before.
   */
  refresh(): Promise<void>;
}

/** One index per model, made when it is first asked for. */
export interface FaceIndexes {
  of(model: string): Promise<FaceIndex>;
}
