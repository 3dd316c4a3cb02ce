/** A vision host as the person set it up, and what may be called on it. Milliseconds everywhere. */

export const roles = ['primary', 'fallback'] as const;
/** Fallback hosts are used only while no primary host is healthy. */
export type Role = (typeof roles)[number];

export const visionApis = ['ollama', 'openai'] as const;
export type VisionApi = (typeof visionApis)[number];

/** The canonical model name of each role, as recipes hold them. A host maps a role to its own local tag. */
export type RoleModels = Readonly<Record<Role, string>>;

/** Milliseconds. Slow is not dead: a host sends nothing while it queues, loads a model or reads the picture (44 s seen). */
export interface CallLimits {
  readonly connectMs: number;
  /** For loading the model by an empty request, before the first picture. */
  readonly loadMs: number;
  /** From sending the request to the first line of the answer. */
  readonly firstByteMs: number;
  /** Between two lines of an answer. */
  readonly idleMs: number;
  readonly overallMs: number;
}

/** Money for a million tokens, in a currency of the person's choice. */
export interface TokenPrice {
  readonly promptPerMillion: number;
  readonly answerPerMillion: number;
  readonly currency: string;
}

type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface VisionHost {
  /** Base URL without credentials and without a slash at its end: names the host everywhere, and is what is called. */
  readonly label: string;
  readonly api: VisionApi;
  /** The host's own tag of the model for each role that it serves. */
  readonly models: Readonly<Partial<Record<Role, string>>>;
  /** Calls at once, per model. Ollama answers Qwen-VL models one at a time, whatever is configured there. */
  readonly slots: number;
  readonly limits: CallLimits;
  /** Ollama only: how long the model stays loaded after a call. Text such as `10m`, or seconds; -1 for ever. */
  readonly keepAlive: string | number;
  /** More model options (`options` of Ollama, top-level fields elsewhere). They win over ours, but for what a retry changes. */
  readonly options: Readonly<Record<string, JsonValue>>;
  readonly requestsPerMinute?: number;
  /** Prompt and answer together, per day in UTC. */
  readonly tokensPerDay?: number;
  readonly price?: TokenPrice;
  /** Headers of every request, `authorization` among them. A function, so that no log and no JSON can hold a secret. */
  readonly headers: () => Readonly<Record<string, string>>;
}

/** The limits of a host for which nothing else is set: VISION_TIMEOUT_SEC and its neighbours have the same values. */
export const defaultLimits: CallLimits = {
  connectMs: 5_000,
  loadMs: 1_800_000,
  firstByteMs: 600_000,
  idleMs: 60_000,
  overallMs: 1_800_000,
};

/** A host for which nothing but its address and its model is set. */
export const plainHost = (label: string, model: string, more: Partial<VisionHost> = {}): VisionHost => ({
  label,
  api: 'ollama',
  models: { primary: model },
  slots: 1,
  limits: defaultLimits,
  keepAlive: '10m',
  options: {},
  headers: () => ({}),
  ...more,
});
