import { STATUS_CODES } from 'node:http';
import { isDomainError, TransientError } from '../../domain/errors.ts';
import { PeopleError } from '../../domain/person.ts';
import { UsageError } from '../usage-error.ts';
import { type ProblemCode, problemCodes } from './problem-codes.ts';

/** RFC 9457. */
interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly [more: string]: unknown;
}

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

export const problemType = 'application/problem+json';

interface About {
  /** For people; never what somebody sent us. */
  readonly detail?: string;
  /** Members of its own, such as `reasons`. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a handler throws to say no. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly answer: ProblemAnswer;
  constructor(status: number, about: About = {}) {
    super(about.detail ?? titleOf(status));
    this.answer = answerOf(status, about);
  }
}

/** A problem with a code of ours: its status follows from the code. */
export const problem = (code: ProblemCode, detail: string, about: Omit<About, 'detail'> = {}): HttpProblem =>
  new HttpProblem(problemCodes[code].status, { ...about, detail, more: { code, ...about.more } });

const titleOf = (status: number): string => STATUS_CODES[status] ?? 'Error';

const answerOf = (status: number, { detail, more, headers = {} }: About): ProblemAnswer => ({
  problem: {
    type: 'about:blank',
    title: titleOf(status),
    status,
    ...(detail !== undefined && { detail }),
    ...more,
  },
  headers,
});

/**
 * The answer to a failure. What we depend on being away is 503, and passes; the server's own refusals (too large, no such
 * route) keep their status; anything else is our fault, and what it was stays with us.
 */
export function problemOf(error: unknown): ProblemAnswer {
  if (error instanceof HttpProblem) return error.answer;
  if (error instanceof PeopleError) return peopleAnswer(error);
  // What the command line would say to somebody who used it wrongly.
  if (error instanceof UsageError) return problem('not-possible', error.message).answer;
  if (error instanceof TransientError) {
    const seconds = Math.ceil((error.retryAfterMs ?? 5_000) / 1_000);
    return answerOf(503, {
      detail: error.message,
      more: { code: error.code },
      headers: { 'retry-after': String(seconds) },
    });
  }
  // Temporal's client throws it, and is not loaded here for its class alone.
  if (error instanceof Error && error.name === 'ServiceError') return temporalAway;
  if (isDomainError(error)) return answerOf(409, { detail: error.message, more: { code: error.code } });
  const status = statusOf(error);
  return status === undefined || status >= 500 ? answerOf(status === 503 ? 503 : 500, {}) : answerOf(status, {});
}

const temporalAway = problem('not-ready', 'Temporal does not answer.', {
  more: { reasons: ['Temporal does not answer'] },
  headers: { 'retry-after': '5' },
}).answer;

const peopleAnswer = ({ code, message, otherPerson }: PeopleError): ProblemAnswer =>
  answerOf(problemCodes[code].status, {
    detail: message,
    more: { code, ...(otherPerson !== undefined && { otherPerson }) },
  });

/** As fastify's own errors have it. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 600 ? statusCode : undefined;
}
