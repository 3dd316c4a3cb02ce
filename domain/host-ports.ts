import type { CallConditions } from './conditions.ts';
import type { Description } from './description.ts';
import type { Recipe } from './recipe.ts';
import type { Role, TokenPrice } from './vision-host.ts';

/** What Darkroom needs of vision hosts, as types only. */

export interface VisionCall {
  /** Label of a host (`VisionHost.label`). */
  readonly host: string;
  readonly recipe: Recipe;
  /** The host's own tag for the model. */
  readonly model: string;
  /** Canonical name of the model, under which the answer is kept; absent: the tag itself. */
  readonly canonical?: string;
  readonly prompt: string;
  readonly jpeg: Buffer;
  readonly conditions: CallConditions;
  readonly signal: AbortSignal;
  /** Called as pieces arrive: for showing progress, never for deciding that a host is dead. */
  readonly onPiece?: (piece: string) => void;
}

export interface VisionModel {
  /** One call. Throws the domain errors of class host, content and ours. */
  describe(call: VisionCall): Promise<Description>;
  /** Is the host there and has it the model? Short limits; never throws. */
  probe(host: string, model: string, signal: AbortSignal): Promise<HostProbe>;
  /**
   * Has the host load the model, where it can be asked to; else nothing. With the `numCtx` of the calls to come: Ollama loads
   * a model again for another one. Throws the domain errors of class host and ours.
   */
  load(host: string, model: string, numCtx: number, signal: AbortSignal): Promise<void>;
}

export type HostProbe =
  /** `loaded` is absent where the host does not say. */
  | { readonly state: 'ready'; readonly simulated: boolean; readonly loaded?: boolean }
  /** It is there and wants to be left alone (429). */
  | { readonly state: 'busy'; readonly detail: string; readonly retryAfterMs?: number }
  | { readonly state: 'away' | 'model-missing' | 'cannot-see' | 'unauthorized' | 'nonsense'; readonly detail: string };

export interface Lease {
  /** Label of the host. */
  readonly host: string;
  /** The host's own tag for the model. */
  readonly model: string;
  /** Name of the model in recipes. */
  readonly canonical: string;
  /** The call was answered: gives the slot back. */
  answered(description: Pick<Description, 'promptTokens' | 'answerTokens'>): void;
  /**
   * The call failed: gives the slot back, and returns the error that is to be thrown. It is another one where the failure
   * is the photo's: PermanentError FailsHosts (domain/blame.ts).
   */
  failed(error: unknown): unknown;
}

export interface HostStatus {
  readonly host: string;
  /** What it speaks. */
  readonly api: string;
  readonly role: Role;
  /** The host's own tag. */
  readonly model: string;
  /** The name of the model in recipes and descriptions. */
  readonly canonical: string;
  readonly state:
    | 'ready'
    | 'busy'
    | 'spare'
    | 'away'
    | 'cooling'
    | 'capped'
    | 'taken'
    | 'paused'
    | 'loading'
    | 'model-missing'
    | 'refused'
    | 'draining';
  /** In words, with what to do; empty when well. */
  readonly detail: string;
  readonly since: number;
  readonly slots: number;
  readonly busy: number;
  readonly calls: number;
  readonly simulated: boolean;
  /** Is the model in the host's memory? Absent where the host does not say. */
  readonly loaded?: boolean;
  /** Prompt and answer together, since midnight UTC; absent where nobody asked for a cap. */
  readonly tokensToday?: number;
  readonly tokensPerDay?: number;
  readonly requestsPerMinute?: number;
  readonly price?: TokenPrice;
}

export interface AcquireInput {
  /** Canonical names that will do, the best one first. */
  readonly models: readonly string[];
  /** Content hash of the photo: the host that it made fail does not get it first again. */
  readonly photo: string;
  /** Labels of hosts to avoid; taken only where no other is left. */
  readonly exclude: readonly string[];
  readonly signal: AbortSignal;
}

export interface HostPool {
  /**
   * A free slot of a healthy host. Throws TransientError NoHost at once where none can serve; waits, 5 s at most, where a
   * host died between the worker's permit and this call, and until the host is empty for a photo that must be alone.
   */
  acquire(input: AcquireInput): Promise<Lease>;
  /** Is there a host, well or not, that is set up with one of these models? */
  serves(models: readonly string[]): boolean;
  status(): readonly HostStatus[];
}

/** Slots of a host that several workers share. All times are the database's. */
export interface HostLeases {
  /**
   * One of `slots` leases of the host and model; undefined where all are taken. It is renewed until it is given back, and ends
   * by itself 30 s after its worker died. A renewal that fails is tried again; it never ends the call.
   */
  take(input: HostSlots): Promise<HeldLease | undefined>;
  /** Is one of them free at this moment? For not asking the server for tasks that would have to go back. */
  hasRoom(input: HostSlots): Promise<boolean>;
}

export interface HostSlots {
  readonly host: string;
  /** The host's own tag. */
  readonly model: string;
  readonly slots: number;
}

export interface HeldLease {
  /** Never throws: what cannot be given back ends by itself. */
  giveBack(): Promise<void>;
}

/** A host that asked to be left alone, or that has used up its tokens of a day. */
export interface HostRest {
  readonly host: string;
  readonly model: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly reason: string;
}

/** What about hosts outlives a restart. */
export interface HostMemory {
  /** Rests that are not over yet. */
  rests(): Promise<readonly HostRest[]>;
  rest(rest: HostRest): Promise<void>;
  /** Prompt and answer tokens by host and canonical model since `since` (milliseconds since 1970). */
  tokensSince(since: number): Promise<readonly { host: string; model: string; tokens: number }[]>;
}

/** For a person who knows better than the host. */
export interface RestLifting {
  /** Forgets the rests of a host that are not over, whatever the model, and returns them. */
  forgetRests(host: string): Promise<readonly HostRest[]>;
}
