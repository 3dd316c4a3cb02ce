import { z } from 'zod';
import { docsPage } from './docs-page.ts';
import { openApiOf } from './openapi.ts';
import { type Route, route } from './route.ts';

export interface AboutDeps {
  /** All others. */
  readonly routes: readonly Route[];
  readonly version: string;
  /** Where this is served, `http://127.0.0.1:2285`: for the examples. */
  readonly origin: () => string;
}

/** What the API says of itself. Open: it holds nothing about photos, and is the same for everybody with this version. */
export function aboutRoutes({ routes, version, origin }: AboutDeps): readonly Route[] {
  const about: readonly Route[] = [
    route({
      method: 'GET',
      path: '/openapi.json',
      access: 'open',
      tag: 'About',
      summary: 'This API as OpenAPI 3.1',
      returns: { json: z.looseObject({ openapi: z.string() }) },
      examples: [{ answer: { openapi: '3.1.1' } }],
      answer: async () => ({ json: openApi() }),
    }),
    route({
      method: 'GET',
      path: '/docs',
      access: 'open',
      tag: 'About',
      summary: 'This API as a page to read',
      returns: { bytes: 'text/html; charset=utf-8' },
      examples: [{}],
      async answer() {
        const { bytes, policy } = page();
        return { bytes, headers: { 'content-security-policy': policy } };
      },
    }),
  ];
  const all = [...routes, ...about];
  // When first asked for: by then it is known where this is served, and both stay the same from then on.
  const openApi = once(() => ({ openapi: '3.1.1', ...openApiOf(all, { version }) }));
  const page = once(() => {
    const { html, policy } = docsPage(all, { version, origin: origin() });
    return { bytes: new TextEncoder().encode(html), policy };
  });
  return about;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
