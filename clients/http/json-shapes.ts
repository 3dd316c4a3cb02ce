import { z } from 'zod';
import { usualKey } from './parameters.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/** Shapes with a name (`.meta({ id })`), collected from all routes. */
export type Named = Map<string, Json>;

/** As it would travel: what JSON cannot say is refused. */
export const plain: z.ZodType<Json> = z.json();

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A shape as JSON Schema (2020-12); shapes with a name go to `named`, and are pointed at. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output', named: Named = new Map()): JsonObject {
  const {
    $schema: _dialect,
    $defs = {},
    ...rest
  } = plainObject.parse(JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io }))));
  for (const [name, shape] of Object.entries(isObject($defs) ? $defs : {})) {
    const text = JSON.stringify(pointed(shape));
    const known = named.get(name);
    if (known !== undefined && JSON.stringify(known) !== text) throw new Error(`Two shapes are called ${name}`);
    named.set(name, pointed(shape));
  }
  return plainObject.parse(pointed(rest));
}

const plainObject = z.record(z.string(), plain);

/** Where zod points into the same schema, OpenAPI points into the document. */
function pointed(value: Json): Json {
  if (Array.isArray(value)) return value.map(pointed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key === usualKey ? 'default' : key,
      key === '$ref' && typeof one === 'string' ? one.replace('#/$defs/', '#/components/schemas/') : pointed(one),
    ]),
  );
}
