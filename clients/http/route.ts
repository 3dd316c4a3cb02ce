import { z } from 'zod';
import { HttpProblem } from './problems.ts';

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

interface Answer {
  /** Default 200. */
  readonly status?: number;
  readonly json?: object;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/hooks/immich/:library`. */
  readonly path: string;
  readonly access: Access;
  answer(request: RawRequest): Promise<Answer>;
}

interface Asked<P, Q, B> extends Pick<RawRequest, 'header' | 'signal'> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

type Nothing = z.ZodType<undefined>;
const nothing: Nothing = z.unknown().transform(() => undefined);

interface Spec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> extends Omit<Route, 'answer'> {
  readonly params?: P;
  readonly query?: Q;
  /** Of the body, as JSON. */
  readonly body?: B;
  answer(asked: Asked<z.output<P>, z.output<Q>, z.output<B>>): Promise<Answer>;
}

/** A route whose handler gets what came parsed; what does not fit is answered with 400, which names the place and not the text. */
export function route<P extends z.ZodType = Nothing, Q extends z.ZodType = Nothing, B extends z.ZodType = Nothing>(
  spec: Spec<P, Q, B>,
): Route {
  const { method, path, access } = spec;
  return {
    method,
    path,
    access,
    answer: async ({ params, query, body, header, signal }) =>
      await spec.answer({
        params: parsed(spec.params, params, 'path'),
        query: parsed(spec.query, query, 'query'),
        body: parsed(spec.body, spec.body === undefined ? undefined : jsonOf(body), 'body'),
        header,
        signal,
      }),
  };
}

function parsed<S extends z.ZodType>(schema: S | undefined, value: unknown, where: string): z.output<S>;
function parsed(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  const { data, error } = (schema ?? nothing).safeParse(value);
  if (error === undefined) return data;
  const errors = error.issues.slice(0, 10).map(({ path, message }) => ({ at: [where, ...path].join('.'), message }));
  throw new HttpProblem(400, { detail: `The ${where} is not understood.`, more: { errors } });
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new HttpProblem(400, { detail: 'The body is no JSON.' });
  }
}
