import { aboutRoutes } from '../clients/http/about.ts';
import { healthRoutes } from '../clients/http/health.ts';
import { immichHookRoute } from '../clients/http/immich-hook.ts';
import type { Route } from '../clients/http/route.ts';
import type { HttpParts } from './engine-http.ts';

export interface RouteDeps {
  readonly token: string;
  readonly version: string;
  /** Where this is served. */
  readonly origin: () => string;
  /** In words, what work cannot go on without now. */
  readonly lacks: () => Promise<readonly string[]>;
  /** Undefined while the engine starts. */
  readonly parts: () => HttpParts | undefined;
}

/** Everything that the engine serves. The list is whole from the start on; what a route needs is there later. */
export function engineRoutes({ token, version, origin, lacks, parts }: RouteDeps): readonly Route[] {
  const routes: readonly Route[] = [
    ...healthRoutes({ lacks }),
    immichHookRoute({ token, hint: (library, immichId) => parts()?.hint(library, immichId) }),
  ];
  return [...routes, ...aboutRoutes({ routes, version, origin })];
}
