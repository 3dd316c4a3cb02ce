import { z } from 'zod';
import { type Answer, checkedAnswer, type Returns, type Still } from './answer.ts';
import type { ProblemCode } from './problem-codes.ts';
import { problem } from './problems.ts';

/** What a request brings, before anything of it is believed. `body` is text, empty where there is none. */
interface RawRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: string;
  readonly header: (name: string) => string | undefined;
  /** The other side has gone, or the server ends. */
  readonly signal: AbortSignal;
}

/** What is asked before the body is read. */
type Knock = Pick<RawRequest, 'params' | 'header'>;

/** open: everybody · token: who has DARKROOM_API_TOKEN · else whoever this lets in */
export type Access = 'open' | 'token' | ((knock: Knock) => boolean);

/** A request as somebody would make it, and what it is answered with. Query and path as they stand in the URL. */
export interface Example<B = unknown, A = unknown> {
  /** What it shows; where a route has one only, its summary says it. */
  readonly title?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: B;
  /** JSON, or the data of one event. Absent for bytes and for nothing. */
  readonly answer?: Still<A>;
}

/** What a route says of itself: the OpenAPI and the page of the API are made of it (openapi.ts, docs-page.ts). */
interface Notes<A = unknown, B = unknown> {
  /** The heading that it stands under. */
  readonly tag: Tag;
  /** Some words without a full stop. */
  readonly summary: string;
  /** Sentences, where the summary does not say it all. */
  readonly description?: string;
  readonly returns: Returns<A>;
  /** Codes of its own; what every route may answer with (400, 401, 429, 503) goes without saying. */
  readonly problems?: readonly ProblemCode[];
  /** At least one. */
  readonly examples: readonly [Example<B, NoInfer<A>>, ...Example<B, NoInfer<A>>[]];
}

/** The headings, in their order. */
export const tags = ['Photos', 'People', 'Faces', 'Control', 'Health', 'Webhooks', 'About'] as const;
type Tag = (typeof tags)[number];

export interface Route extends Notes {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/hooks/immich/:library`. */
  readonly path: string;
  readonly access: Access;
  /** Milliseconds until its answer is given up; the server's own limit where absent. */
  readonly longestMs?: number;
  /** Of what comes in; absent where nothing does. */
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  answer(request: RawRequest): Promise<Answer>;
}

interface Asked<P, Q, B> extends Pick<RawRequest, 'header' | 'signal'> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

type Nothing = z.ZodType<undefined>;
const nothing: Nothing = z.unknown().transform(() => undefined);

interface Spec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A>
  extends Pick<Route, 'method' | 'path' | 'access' | 'longestMs'>, Notes<A, z.input<B>> {
  readonly params?: P;
  readonly query?: Q;
  /** Of the body, as JSON. */
  readonly body?: B;
  answer(asked: Asked<z.output<P>, z.output<Q>, z.output<B>>): Promise<Answer<NoInfer<A>>>;
}

/**
 * A route whose handler gets what came parsed, and whose answer is parsed too. What does not fit is answered with 400, which
 * names the place and not the text.
 */
export function route<A, P extends z.ZodType = Nothing, Q extends z.ZodType = Nothing, B extends z.ZodType = Nothing>(
  spec: Spec<P, Q, B, A>,
): Route {
  return {
    ...spec,
    answer: async ({ params, query, body, header, signal }) =>
      checkedAnswer(
        spec.returns,
        await spec.answer({
          params: parsed(spec.params, params, 'path'),
          query: parsed(spec.query, query, 'query'),
          body: parsed(spec.body, spec.body === undefined ? undefined : jsonOf(body), 'body'),
          header,
          signal,
        }),
      ),
  };
}

function parsed<S extends z.ZodType>(schema: S | undefined, value: unknown, where: string): z.output<S>;
function parsed(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  const { data, error } = (schema ?? nothing).safeParse(value);
  if (error === undefined) return data;
  const errors = error.issues.slice(0, 10).map((issue) => ({
    at: [where, ...issue.path].join('.'),
    message: issue.code === 'unrecognized_keys' ? unknownNames(issue.keys) : issue.message,
  }));
  throw problem('not-understood', `The ${where} is not understood.`, { more: { errors } });
}

/** A name that was mistyped is told; anything longer or odder may be what was meant to be a value. */
function unknownNames(names: readonly string[]): string {
  const plain = names.filter((name) => /^\w{1,30}$/.test(name));
  return `unknown: ${plain.length === 0 ? `${names.length} names` : plain.join(', ')}`;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw problem('not-understood', 'The body is no JSON.');
  }
}
