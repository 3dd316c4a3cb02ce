import type { Description } from '../../domain/description.ts';
import type { DescriptionKey } from '../../domain/recipe.ts';
import type { Sql } from './connection.ts';
import type { JsonObject } from './json.ts';

/** The record that `answerColumns` reads back. */
export function answerRecord(key: DescriptionKey, description: Description): JsonObject {
  const { text, tags, textInImage, safety, model, host, simulated } = description;
  const { promptTokens, answerTokens, loadMs, evalMs, totalMs } = description;
  return {
    content_hash: key.contentHash,
    recipe_hash: key.recipeHash,
    facts_hash: key.factsHash,
    text,
    tags,
    text_in_image: textInImage,
    safety,
    model,
    host,
    simulated,
    prompt_tokens: promptTokens,
    answer_tokens: answerTokens,
    load_ms: loadMs,
    eval_ms: evalMs,
    total_ms: totalMs,
  };
}

export const answerColumns = (sql: Sql) => sql`
  content_hash text, recipe_hash text, facts_hash text, text text, tags text[], text_in_image text, safety text, model text, host text, simulated boolean,
  prompt_tokens integer, answer_tokens integer, load_ms float8, eval_ms float8, total_ms float8`;

/**
 * Inserts the row of a common table `answer`, where it has one and it is not there yet: the first answer stays. It looks
 * before it inserts, because an insert that meets a conflict uses up an id and leaves a dead row.
 */
export const insertAnswer = (sql: Sql) => sql`
  insert into darkroom.description (
    content_hash, recipe_hash, facts_hash, text, tags, text_in_image, safety, model, host, simulated,
    prompt_tokens, answer_tokens, load_ms, eval_ms, total_ms)
  select
    content_hash, recipe_hash, facts_hash, text, tags, text_in_image, safety, model, host, simulated,
    prompt_tokens, answer_tokens, load_ms, eval_ms, total_ms
  from answer as a
  where a.content_hash is not null and not exists (${sameAnswer(sql)})
  on conflict do nothing`;

/** The description that has the key of `answer as a`, and was not set aside. */
export const sameAnswer = (sql: Sql) => sql`
  select d.id from darkroom.description d
  where d.content_hash = a.content_hash and d.recipe_hash = a.recipe_hash and d.facts_hash = a.facts_hash
    and d.superseded is null`;
