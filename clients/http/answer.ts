import type { z } from 'zod';

/** Nothing of it is changed on its way. */
export type Still<T> = T extends readonly (infer U)[]
  ? readonly Still<U>[]
  : T extends object
    ? { readonly [K in keyof T]: Still<T[K]> }
    : T;

interface Told {
  readonly headers?: Readonly<Record<string, string>>;
}

/** Default of `status`: 200. */
interface JsonAnswer<T> extends Told {
  readonly status?: number;
  readonly json: Still<T>;
}

/** A picture, say. */
interface BytesAnswer extends Told {
  readonly bytes: Uint8Array;
}

/** Server-sent events, each as JSON. Ends when the iteration ends, or the other side has gone: `signal` of the request tells. */
export interface EventsAnswer<T> extends Told {
  readonly events: AsyncIterable<{ readonly event: string; readonly data: Still<T> } | 'heartbeat'>;
}

/** Nothing but a status, such as 204, or 304 for what the other side has already. */
interface EmptyAnswer extends Told {
  readonly status: 204 | 304;
}

export type Answer<T = unknown> = JsonAnswer<T> | BytesAnswer | EventsAnswer<T> | EmptyAnswer;

/** What a route answers with: JSON or events of a shape, bytes of a media type, or nothing. */
export type Returns<A = unknown> =
  | { readonly status?: number; readonly json: z.ZodType<unknown, A> }
  | { readonly events: z.ZodType<unknown, A> }
  | { readonly bytes: string }
  | { readonly nothing: true };

/**
 * The answer as its schema lets it out: what is not named there stays here. Throws where it does not fit, which is our
 * fault and nobody's request.
 */
export function checkedAnswer(returns: Returns, answer: Answer): Answer {
  if ('json' in answer && 'json' in returns) {
    return { status: returns.status ?? 200, ...answer, json: returns.json.parse(answer.json) };
  }
  if ('events' in answer && 'events' in returns)
    return { ...answer, events: checkedEvents(returns.events, answer.events) };
  if ('bytes' in answer && 'bytes' in returns) {
    return { ...answer, headers: { 'content-type': returns.bytes, ...answer.headers } };
  }
  if (!('json' in answer || 'events' in answer || 'bytes' in answer)) return answer;
  throw new Error('The route answered with another kind of thing than it says it does.');
}

async function* checkedEvents(
  schema: z.ZodType,
  events: EventsAnswer<unknown>['events'],
): EventsAnswer<unknown>['events'] {
  for await (const one of events) yield one === 'heartbeat' ? one : { event: one.event, data: schema.parse(one.data) };
}
