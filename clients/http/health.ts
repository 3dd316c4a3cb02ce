import { z } from 'zod';
import { problem } from './problems.ts';
import { type Route, route } from './route.ts';

export interface HealthDeps {
  /** In words, what work cannot go on without now; nothing where all is well. */
  readonly lacks: () => Promise<readonly string[]>;
}

/** For whoever watches over the process; without a token, and without anything about photos. */
export const healthRoutes = ({ lacks }: HealthDeps): readonly Route[] => [
  route({
    method: 'GET',
    path: '/health/live',
    access: 'open',
    tag: 'Health',
    summary: 'Does the process answer?',
    returns: { json: z.object({ status: z.literal('live') }) },
    examples: [{ answer: { status: 'live' } }],
    answer: async () => ({ json: { status: 'live' as const } }),
  }),
  route({
    method: 'GET',
    path: '/health/ready',
    access: 'open',
    tag: 'Health',
    summary: 'Can work go on?',
    description: 'No, with 503 and `reasons` in words, while Temporal or the database does not answer.',
    returns: { json: z.object({ status: z.literal('ready') }) },
    problems: ['not-ready'],
    examples: [{ answer: { status: 'ready' } }],
    async answer() {
      const reasons = await lacks();
      if (reasons.length === 0) return { json: { status: 'ready' as const } };
      const headers = { 'retry-after': '5' };
      throw problem('not-ready', reasons.join('; '), { more: { reasons }, headers });
    },
  }),
];
