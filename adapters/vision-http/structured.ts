import { z } from 'zod';
import type { Description } from '../../domain/description.ts';
import { cleanText, plainText } from './answer-text.ts';
import { parseJson } from './error-text.ts';

/** What a structured answer must look like, as JSON Schema: Ollama takes it as `format`, others in `response_format`. */
export const answerSchema = {
  type: 'object',
  properties: {
    description: { type: 'string' },
    tags: { type: 'array', items: { type: 'string' } },
    text_in_image: { type: 'string' },
    safety: { type: 'string', enum: ['safe', 'sensitive', 'explicit'] },
  },
  required: ['description', 'tags', 'text_in_image', 'safety'],
  // Where a host holds its answers to schemas strictly, it wants both of these.
  additionalProperties: false,
} as const;

/** Only the description is needed: the rest is worth having, and an odd one must not cost a finished answer. */
const answer = z.object({
  description: z.string(),
  tags: z.array(z.unknown()).catch([]),
  text_in_image: z.string().catch(''),
  safety: z.enum(['safe', 'sensitive', 'explicit']).optional().catch(undefined),
});

const mostTags = 50;
/** What is longer is a sentence. */
const longestTag = 60;
const longestTextInImage = 4_000;

export type StructuredText = Pick<Description, 'text' | 'tags' | 'textInImage' | 'safety'>;

/** Undefined where it is no whole JSON, or one without a description. Fences around it are taken off. */
export function structuredText(raw: string): StructuredText | undefined {
  const json = raw
    .trim()
    .replace(/^```(?:json)?\s*/i, '')
    .replace(/\s*```$/, '');
  const { data } = answer.safeParse(parseJson(json));
  const text = cleanText(data?.description ?? '');
  if (data === undefined || text === '') return undefined;
  const tags = data.tags.filter((tag) => typeof tag === 'string').map((tag) => plainText(tag, 1_000).toLowerCase());
  const kept = tags.filter((tag) => tag !== '' && tag.length <= longestTag);
  return {
    text,
    tags: [...new Set(kept)].slice(0, mostTags),
    textInImage: plainText(data.text_in_image, longestTextInImage),
    ...(data.safety === undefined ? {} : { safety: data.safety }),
  };
}
