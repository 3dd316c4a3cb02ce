import type { z } from 'zod';
import { type Field, fieldsOf } from './openapi.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => entities[one] ?? one);

/** What stands between backticks is code. */
export const prose = (text: string): string => escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');

/** What comes in, field by field; nothing where there is none. */
export function fieldList(title: string, schema: z.ZodType | undefined): string[] {
  const fields = schema === undefined ? [] : fieldsOf(schema);
  return fields.length === 0 ? [] : [`<p class="small">${title}</p><dl>${fields.map(fieldWords).join('')}</dl>`];
}

function fieldWords({ name, required, description, schema }: Field): string {
  const words = [...(required ? ['required'] : []), ...shapeWords(schema)].join(', ');
  const text = description === undefined ? '' : prose(description);
  return `<dt><code>${escaped(name)}</code> <span class="small">${escaped(words)}</span></dt><dd>${text}</dd>`;
}

type Shape = Field['schema'];

const kinds: Readonly<Record<string, string>> = {
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  array: 'list',
  object: 'object',
};

function shapeWords(shape: Shape): string[] {
  const { type, enum: choices, default: usual } = shape;
  const kind = typeof type === 'string' ? kinds[type] : undefined;
  const listed = Array.isArray(choices) ? [`one of ${choices.map(String).join(', ')}`] : [];
  return [
    ...(kind === undefined ? [] : [kind]),
    ...listed,
    ...range(shape, ['minimum', 'maximum'], ''),
    ...range(shape, ['minLength', 'maxLength'], ' characters'),
    ...range(shape, ['minItems', 'maxItems'], ' of them'),
    ...(usual === undefined ? [] : [`usually ${typeof usual === 'string' ? usual : JSON.stringify(usual)}`]),
  ];
}

function range(shape: Shape, [least, most]: readonly [string, string], what: string): string[] {
  const [from, to] = [shape[least], shape[most]];
  if (typeof to !== 'number') return typeof from === 'number' ? [`at least ${from}${what}`] : [];
  return [typeof from === 'number' ? `${from} to ${to}${what}` : `at most ${to}${what}`];
}
