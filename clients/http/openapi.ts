import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import { isObject, type Json, type JsonObject, jsonSchema, type Named, plain } from './json-shapes.ts';
import { type ProblemCode, problemCodes } from './problem-codes.ts';
import { problemType } from './problems.ts';
import { type Example, type Route, tags } from './route.ts';
import { hookHeader } from './secrets.ts';

/** The routes as an OpenAPI 3.1 document: https://spec.openapis.org/oas/v3.1.1 */
export function openApiOf(routes: readonly Route[], { version }: { readonly version: string }): JsonObject {
  const named: Named = new Map();
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = (paths[openPath(route.path)] ??= {});
    path[route.method.toLowerCase()] = operationOf(route, named);
  }
  const used = new Set(routes.map(({ tag }) => tag));
  return {
    openapi: '3.1.1',
    info: {
      title: 'Darkroom',
      version,
      description: 'Photos, what is on them and who, and the work on them. Errors are problem+json (RFC 9457).',
    },
    servers: [{ url: '/' }],
    tags: tags.filter((name) => used.has(name)).map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'DARKROOM_API_TOKEN, or the file api-token.' },
        webhook: { type: 'apiKey', in: 'header', name: hookHeader },
      },
      schemas: { ...Object.fromEntries(named), Problem: problemSchema },
    },
  };
}

/** `/persons/:id` as OpenAPI writes it. */
export const openPath = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}');

function operationOf(route: Route, named: Named): Json {
  const { method, path, tag, summary, description, access } = route;
  const parameters = [...parametersOf(route, 'path', named), ...parametersOf(route, 'query', named)];
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^a-zA-Z0-9]+(.)?/g, (_, next?: string) => (next ?? '').toUpperCase())}`,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: access === 'open' ? [] : [access === 'token' ? { token: [] } : { webhook: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(route.body !== undefined && { requestBody: bodyOf(route, route.body, named) }),
    responses: { ...goodOf(route, named), ...badOf(route) },
  };
}

export interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly description: string | undefined;
  /** The rest of its shape. */
  readonly schema: JsonObject;
}

/** The fields of an object, one by one; none where it is something else. */
export function fieldsOf(schema: z.ZodType, named: Named = new Map()): readonly Field[] {
  const { properties, required } = jsonSchema(schema, 'input', named);
  if (!isObject(properties)) return [];
  return Object.entries(properties).map(([name, one]) => {
    const { description, ...rest } = isObject(one) ? one : {};
    return {
      name,
      required: Array.isArray(required) && required.includes(name),
      description: typeof description === 'string' ? description : undefined,
      schema: rest,
    };
  });
}

function parametersOf(route: Route, where: 'path' | 'query', named: Named): JsonObject[] {
  const schema = where === 'path' ? route.params : route.query;
  const shown = where === 'path' ? route.examples[0].params : route.examples[0].query;
  return (schema === undefined ? [] : fieldsOf(schema, named)).map(({ name, required, description, schema: rest }) => {
    const example = shown?.[name];
    return {
      name,
      in: where,
      required: where === 'path' || required,
      ...(description !== undefined && { description }),
      schema: rest,
      ...(example !== undefined && { example }),
    };
  });
}

const bodyOf = ({ examples }: Route, body: z.ZodType, named: Named): Json => ({
  required: true,
  content: {
    'application/json': { schema: jsonSchema(body, 'input', named), ...shown(examples, ({ body: one }) => one) },
  },
});

/** The answer that is hoped for. */
function goodOf({ returns, summary, examples }: Route, named: Named): JsonObject {
  if ('nothing' in returns) return { '204': { description: summary } };
  const answers = shown(examples, ({ answer }) => answer);
  const content = (): JsonObject => {
    if ('bytes' in returns) return { [returns.bytes]: { schema: { type: 'string', format: 'binary' } } };
    if ('events' in returns)
      return { 'text/event-stream': { schema: jsonSchema(returns.events, 'output', named), ...answers } };
    return { 'application/json': { schema: jsonSchema(returns.json, 'output', named), ...answers } };
  };
  const status = 'json' in returns ? (returns.status ?? 200) : 200;
  return { [status]: { description: summary, content: content() } };
}

function badOf(route: Route): JsonObject {
  const codes = Map.groupBy(problemsOf(route), (code) => problemCodes[code].status);
  const responses = [...codes].map(([status, these]) => [status, these.map(meaningOf).join('\n'), these] as const);
  const usual = [
    ...(route.access === 'open' ? [] : [[401, 'The token (or secret) is missing or another one.', []] as const]),
    [429, 'Too many requests at once from this address; `Retry-After` says when to come back.', []] as const,
  ];
  return Object.fromEntries(
    [...responses, ...usual].map(([status, description, these]) => [
      status,
      {
        description,
        content: {
          [problemType]: {
            schema: { $ref: '#/components/schemas/Problem' },
            example: problemExample(status, these[0]),
          },
        },
      },
    ]),
  );
}

function problemExample(status: number, code: ProblemCode | undefined): JsonObject {
  const base = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status };
  return code === undefined ? base : { ...base, detail: problemCodes[code].meaning, code };
}

/** Codes of its own, and the one that follows from taking something. */
export const problemsOf = ({ params, query, body, problems = [] }: Route): readonly ProblemCode[] => {
  const takes = params !== undefined || query !== undefined || body !== undefined;
  return [...(takes ? (['not-understood'] as const) : []), ...problems];
};

const meaningOf = (code: ProblemCode): string => `\`${code}\`: ${problemCodes[code].meaning}`;

const problemSchema: JsonObject = {
  type: 'object',
  description: 'RFC 9457.',
  properties: {
    type: { const: 'about:blank' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'For people.' },
    code: { type: 'string', description: 'For programs.' },
  },
  required: ['type', 'title', 'status'],
};

/** Under `examples`, each with its title; absent where none shows it. */
function shown(examples: readonly Example[], part: (example: Example) => unknown): JsonObject {
  const these = examples.flatMap((example, index) => {
    const value = part(example);
    if (value === undefined) return [];
    const { title } = example;
    return [
      [`example${index + 1}`, { ...(title !== undefined && { summary: title }), value: plain.parse(value) }] as const,
    ];
  });
  return these.length === 0 ? {} : { examples: Object.fromEntries(these) };
}
