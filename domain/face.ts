/** What is known of faces on photos, and what Darkroom needs to find them. Times in milliseconds since 1970. */

/** Normalised to the upright picture: 0 to 1 from its left and top edge. */
export interface FaceBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Length of every vector: those of the insightface models (buffalo, antelope). */
export const embeddingLength = 512;

/** One face as a service found it. */
export interface DetectedFace {
  readonly box: FaceBox;
  /** How sure the service is, 0 to 1; absent where it does not say. */
  readonly score?: number;
  /** 512 finite numbers, of length 1 as a vector. */
  readonly embedding: Float32Array;
}

export interface DetectInput {
  /** Upright. */
  readonly jpeg: Buffer;
  /** Pixels of the JPEG. */
  readonly width: number;
  readonly height: number;
  readonly signal: AbortSignal;
}

/** All face services as one. */
export interface FaceDetector {
  /** Name of the model: vectors of different models are never compared. */
  readonly model: string;
  /**
   * Faces of one picture; empty where nobody is on it. `photo` is its content hash: the service that it made fail does not get
   * it first again. Throws what a service throws, TransientError NoHost where no slot is free, and PermanentError FailsHosts
   * where services that do other pictures fail on this one.
   */
  detect(task: {
    readonly photo: string;
    readonly jpeg: Buffer;
    readonly signal: AbortSignal;
  }): Promise<readonly DetectedFace[]>;
}

export interface FaceProbe {
  readonly isThere: boolean;
  /** In words; empty where it is there. */
  readonly detail: string;
  /** It answers, and a person has to change something before it can be used. */
  readonly why?: 'unauthorized' | 'nonsense';
}

export const faceApis = ['immich-ml', 'generic'] as const;
export type FaceApi = (typeof faceApis)[number];

/** Milliseconds. */
export interface FaceLimits {
  readonly connectMs: number;
  /** For a call to a service that may have to fetch or load its model first. */
  readonly firstMs: number;
  /** For every other call. */
  readonly callMs: number;
}

/** More than that on one photo are a crowd: the largest are kept. */
export const mostFaces = 100;

/**
 * A face service at one address. Throws the domain errors of class host (HostUnreachable, HostTimedOut, HostFailed, HostBroke,
 * HostSpokeNonsense), of class ours (Unauthorized, BadRequest), and PermanentError FaceServiceRefused where it says that this
 * picture cannot be done.
 */
export interface FaceService {
  /** Base URL, without credentials. */
  readonly host: string;
  /** Name of the model: vectors of different models are never compared. */
  readonly model: string;
  /** Faces of one picture; empty where nobody is on it. */
  detect(input: DetectInput): Promise<readonly DetectedFace[]>;
  /** The vector of one face that a person marked: the picture is cut around it already. Undefined where no face is seen in it. */
  embed(input: DetectInput): Promise<Float32Array | undefined>;
  /** Is it there? Short limit; never throws. */
  probe(signal: AbortSignal): Promise<FaceProbe>;
  close(): Promise<void>;
}
