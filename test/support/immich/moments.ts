/** What a request is, for whoever waits for one. */
export interface Seen {
  /** `GET /assets/:id/thumbnail`. */
  readonly route: string;
  /** The asset in the path, if one is. */
  readonly assetId: string | undefined;
  readonly userId: string | undefined;
}

/** Which requests are meant; what is absent is any. */
export interface Match {
  readonly route?: string;
  readonly assetId?: string;
  readonly userId?: string;
  /** This many fitting requests are let pass first. Default 0. */
  readonly after?: number;
  /** Of those that follow, each so-manieth: 10 means one in ten. Default 1. */
  readonly every?: number;
  /** So many are meant. Default: all. */
  readonly times?: number;
}

/** What goes wrong with a request instead of its answer. */
export interface Fault {
  /** Answer with this status and Immich's own shape of an error, without doing anything. */
  readonly status?: number;
  readonly message?: string;
  readonly retryAfter?: string;
  /** A page of HTML, as a proxy sends it; with `status`, else 200. */
  readonly html?: string;
  /** Wait this long first. */
  readonly delayMs?: number;
  /** Cut the connection: before anything was done, or after the work is done and before the answer is sent. */
  readonly cut?: 'before' | 'after';
  /** Send only this share of the answer's bytes under the length of all, then cut the connection. */
  readonly share?: number;
  /** Send this share of the answer as if it were all of it. */
  readonly cropTo?: number;
}

export interface Moments {
  /** From now on; the function takes it back. The first that fits counts. */
  fault(match: Match, fault: Fault): () => void;
  /** Runs `act` before such a request is carried out, or after its answer was sent. */
  when(at: 'before' | 'after', match: Match, act: (seen: Seen) => void | Promise<void>): () => void;
  faultFor(seen: Seen): Fault | undefined;
  reach(at: 'before' | 'after', seen: Seen): Promise<void>;
  /** No faults and no plans any more. */
  clear(): void;
}

interface Plan<T> {
  readonly match: Match;
  readonly value: T;
  seen: number;
}
type Act = (seen: Seen) => void | Promise<void>;

export function createMoments(): Moments {
  const faults: Plan<Fault>[] = [];
  const acts = { before: new Array<Plan<Act>>(), after: new Array<Plan<Act>>() };
  const add = <T>(list: Plan<T>[], match: Match, value: T): (() => void) => {
    const plan = { match, value, seen: 0 };
    list.push(plan);
    return () => void (list.includes(plan) && list.splice(list.indexOf(plan), 1));
  };
  return {
    fault: (match, fault) => add(faults, match, fault),
    when: (at, match, act) => add(acts[at], match, act),
    faultFor: (seen) => faults.find((plan) => isMeant(plan, seen))?.value,
    async reach(at, seen) {
      for (const plan of acts[at].slice()) {
        if (isMeant(plan, seen)) await plan.value(seen);
      }
    },
    clear() {
      for (const list of [faults, acts.before, acts.after]) list.length = 0;
    },
  };
}

/** Counts the request where it fits. */
function isMeant(plan: Plan<unknown>, seen: Seen): boolean {
  const { route, assetId, userId, after = 0, every = 1, times = Infinity } = plan.match;
  const fits =
    (route === undefined || route === seen.route) &&
    (assetId === undefined || assetId === seen.assetId) &&
    (userId === undefined || userId === seen.userId);
  if (!fits) return false;
  plan.seen += 1;
  const nth = (plan.seen - after) / every;
  return Number.isInteger(nth) && nth >= 1 && nth <= times;
}
