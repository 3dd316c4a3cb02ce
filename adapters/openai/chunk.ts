import { z } from 'zod';
import { tokenCount } from '../vision-http/answer.ts';

/** Text, or parts of it (Mistral); what is no text part, such as a part of thinking, is none. */
const content = z
  .union([
    z.string(),
    z
      .array(z.object({ text: z.string().optional().catch(undefined) }))
      .transform((parts) => parts.map(({ text = '' }) => text).join('')),
  ])
  .nullish();
const optional = z.string().nullish().catch(undefined);

const message = z.object({ content, refusal: optional, reasoning: optional, reasoning_content: optional });

const choice = z.object({
  delta: message.nullish(),
  /** In place of delta where a server does not stream. */
  message: message.nullish(),
  finish_reason: z.string().nullish(),
});

/** In milliseconds; for information, as counts are: an odd one must not cost a finished answer. */
const duration = z.number().nonnegative().optional().catch(undefined);

/** One event of a streamed completion, or the whole of one that is not streamed. */
export const completionChunk = z.object({
  choices: z.array(choice).optional(),
  error: z.unknown().optional(),
  /** `error` where vLLM sends the error itself. */
  object: z.string().optional().catch(undefined),
  usage: z.object({ prompt_tokens: tokenCount, completion_tokens: tokenCount }).nullish().catch(undefined),
  /** llama.cpp's own. */
  timings: z
    .object({ prompt_n: tokenCount, predicted_n: tokenCount, predicted_ms: duration })
    .optional()
    .catch(undefined),
});

export type CompletionChunk = z.infer<typeof completionChunk>;

const coded = z.object({ code: z.number() });
const codedError = z.union([coded, z.object({ error: coded }).transform(({ error }) => error)]);

/** What an error in the middle of an answer may say of itself in numbers and still mean the same as a status. */
const saysItself: ReadonlySet<number> = new Set([401, 402, 403, 429, 503]);

/** The status that an error would have come with, had the answer not begun. What may be the photo's doing is a 500. */
export function statusOfError(chunk: unknown): number {
  const code = codedError.safeParse(chunk).data?.code;
  return code !== undefined && saysItself.has(code) ? code : 500;
}
