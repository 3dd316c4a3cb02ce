import { manyFacesRoutes } from './faces/many.ts';
import { photoFacesRoutes } from './faces/on-photo.ts';
import { oneFaceRoutes } from './faces/one.ts';
import type { PeopleRoutesDeps } from './people-api.ts';
import { personsRoutes } from './persons/many.ts';
import { mergeRoutes } from './persons/merge.ts';
import { onePersonRoutes } from './persons/one.ts';
import type { Route } from './route.ts';

/** Everything about people and their faces. */
export const peopleRoutes = (deps: PeopleRoutesDeps): readonly Route[] => [
  ...personsRoutes(deps),
  ...onePersonRoutes(deps),
  ...mergeRoutes(deps),
  ...manyFacesRoutes(deps),
  ...photoFacesRoutes(deps),
  ...oneFaceRoutes(deps),
];
