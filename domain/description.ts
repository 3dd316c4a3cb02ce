/** One finished answer of a model, with what it cost. Durations in milliseconds as the host measured them. */
export interface Description {
  readonly text: string;
  /** The rest of a structured answer (`Recipe.output` json): absent for plain text. */
  readonly tags?: readonly string[];
  readonly textInImage?: string;
  readonly safety?: string;
  /** Canonical model name, as in the recipe. */
  readonly model: string;
  /** Base URL of the host that answered, without credentials. */
  readonly host: string;
  /** True where the host says of itself that it is a simulation. */
  readonly simulated: boolean;
  readonly promptTokens?: number;
  readonly answerTokens?: number;
  readonly loadMs?: number;
  readonly evalMs?: number;
  /** Wall clock of the whole call as we saw it. */
  readonly totalMs: number;
}

/** A try that was the photo's fault (class content); the next call goes to another host with another seed. */
export interface Try {
  readonly host?: string;
  readonly code: string;
}

/** A photo is parked after this many content faults: one could be the model's bad moment, two are the photo. */
export const triesUntilParked = 2;
