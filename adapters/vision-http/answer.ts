import { z } from 'zod';
import { PermanentError, type TokenUsage } from '../../domain/errors.ts';
import type { Recipe } from '../../domain/recipe.ts';
import { cleanText } from './answer-text.ts';
import { structuredText, type StructuredText } from './structured.ts';

/**
 * More than cleaning ever keeps, and a structured answer with every character escaped; what a model without end goes on to
 * say is not kept in memory.
 */
export const keptCharacters = 131_072;

/** A count that the database can keep; for information: an odd one must not cost a finished answer. */
export const tokenCount = z
  .int()
  .nonnegative()
  .max(2 ** 31 - 1)
  .optional()
  .catch(undefined);

/** As errors and descriptions hold it: without what the host did not say. */
export const tokenUsage = (promptTokens: number | undefined, answerTokens: number | undefined): TokenUsage => ({
  ...(promptTokens === undefined ? {} : { promptTokens }),
  ...(answerTokens === undefined ? {} : { answerTokens }),
});

/** What a finished answer says, in the form that the recipe wants; undefined where there is nothing to read in it. */
export function readable(raw: string, output: Recipe['output']): StructuredText | undefined {
  if (output === 'json') return structuredText(raw);
  const text = cleanText(raw);
  return text === '' ? undefined : { text };
}

/** A finished answer with nothing to read in it. The next call has twice the room and another seed (domain/conditions.ts). */
export function emptyAnswer(about: {
  readonly host: string;
  readonly model: string;
  readonly output: Recipe['output'];
  readonly text: string;
  readonly thought: boolean;
  /** By the limit of tokens. */
  readonly cutOff: boolean;
  readonly ended: string | undefined;
  readonly usage: TokenUsage;
}): PermanentError {
  const { host, model, output, text, thought, cutOff, ended, usage } = about;
  const tell = (what: string) => new PermanentError('EmptyAnswer', `${model} on ${host} ${what}`, { host, usage });
  if (output === 'json' && text.trim() !== '') {
    return cutOff
      ? tell('gave no whole JSON: it was cut off at the limit of tokens; raise VISION_NUM_PREDICT.')
      : tell('gave no JSON with a description: where it cannot hold its answers to a schema, set VISION_OUTPUT=text.');
  }
  return thought
    ? tell('answered nothing (it only thought; set VISION_MODEL to an instruct variant, or raise VISION_NUM_PREDICT).')
    : tell(`answered nothing (it ended with ${ended ?? 'no reason given'}).`);
}
