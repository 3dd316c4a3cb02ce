import { aboutRoutes } from '../clients/http/about.ts';
import type { GetApi } from '../clients/http/engine-api.ts';
import { healthRoutes } from '../clients/http/health.ts';
import { imageRoute } from '../clients/http/image-route.ts';
import { immichHookRoute } from '../clients/http/immich-hook.ts';
import { pauseRoutes } from '../clients/http/pause-routes.ts';
import { peopleRoutes } from '../clients/http/people-routes.ts';
import { photoRoutes } from '../clients/http/photo-routes.ts';
import { prioritizeRoute } from '../clients/http/prioritize-route.ts';
import type { Route } from '../clients/http/route.ts';
import { statusRoutes } from '../clients/http/status-routes.ts';

export interface RouteDeps {
  readonly token: string;
  readonly version: string;
  /** Where this is served. */
  readonly origin: () => string;
  /** In words, what work cannot go on without now. */
  readonly lacks: () => Promise<readonly string[]>;
  /** Immich tells of a photo; passed over while the engine starts. */
  readonly hint: (library: string, immichId: string) => void;
  /** Throws a problem while the engine starts. */
  readonly api: GetApi;
}

/** Everything that the engine serves. The list is whole from the start on; what a route needs is there later. */
export function engineRoutes({ token, version, origin, lacks, hint, api }: RouteDeps): readonly Route[] {
  const routes: readonly Route[] = [
    ...photoRoutes(api),
    imageRoute(api),
    ...peopleRoutes({ api: async () => (await api()).people }),
    ...statusRoutes(api),
    ...pauseRoutes(api),
    prioritizeRoute(api),
    ...healthRoutes({ lacks }),
    immichHookRoute({ token, hint }),
  ];
  return [...routes, ...aboutRoutes({ routes, version, origin })];
}
