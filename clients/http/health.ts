import { HttpProblem } from './problems.ts';
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
    answer: async () => ({ json: { status: 'live' } }),
  }),
  route({
    method: 'GET',
    path: '/health/ready',
    access: 'open',
    async answer() {
      const reasons = await lacks();
      if (reasons.length === 0) return { json: { status: 'ready' } };
      const headers = { 'retry-after': '5' };
      throw new HttpProblem(503, { detail: reasons.join('; '), more: { reasons }, headers });
    },
  }),
];
