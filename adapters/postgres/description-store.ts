import { z } from 'zod';
import type { DescriptionStore } from '../../domain/ports.ts';
import type { DescriptionKey } from '../../domain/recipe.ts';
import type { Database, Sql } from './connection.ts';
import { descriptionOf, descriptionRow } from './rows.ts';
import { answerColumns, answerRecord, insertAnswer } from './save-description.ts';

const recipeRow = z.object({
  body: z.object({
    prompt: z.string(),
    language: z.string(),
    models: z.array(z.string()),
    numCtx: z.number(),
    numPredict: z.number(),
    longSide: z.number(),
    output: z.literal('json').exactOptional(),
    facts: z.array(z.string()).exactOptional(),
  }),
});
const nothing = z.object({ text: z.null() });
const claimRow = z.union([
  descriptionRow.extend({ holder: z.null() }),
  nothing.extend({ holder: z.string() }).transform(({ holder }) => ({ holder })),
]);

const isKey = (sql: Sql, { contentHash, recipeHash, factsHash }: DescriptionKey) =>
  sql`content_hash = ${contentHash} and recipe_hash = ${recipeHash} and facts_hash = ${factsHash}`;

/** Recipes, claims and answers in Postgres. Every method is one statement and may be called again with the same effect. */
export function createDescriptionStore({ database }: { database: Database }): DescriptionStore {
  return {
    async ensureRecipe(recipeHash, { prompt, language, models, numCtx, numPredict, longSide, output, facts }) {
      const body = { prompt, language, models, numCtx, numPredict, longSide, output, facts };
      await database.run(
        (sql, json) => sql`
          insert into darkroom.recipe (hash, body)
          select ${recipeHash}, ${json(body)}
          where not exists (select from darkroom.recipe where hash = ${recipeHash})
          on conflict do nothing`,
      );
    },

    async recipe(recipeHash) {
      const [row] = await database.rows(
        recipeRow,
        (sql) => sql`select body from darkroom.recipe where hash = ${recipeHash}`,
      );
      return row?.body;
    },

    async find(key) {
      const [row] = await database.rows(
        descriptionRow,
        (sql) => sql`
          select text, to_jsonb(tags) as tags, text_in_image, safety, model, host, simulated,
            prompt_tokens, answer_tokens, load_ms, eval_ms, total_ms
          from darkroom.description where ${isKey(sql, key)} and superseded is null`,
      );
      return row === undefined ? undefined : descriptionOf(row);
    },

    async claim({ contentHash, recipeHash, factsHash }, owner) {
      const [row] = await database.rows(
        claimRow,
        (sql) => sql`
          select c.holder, (c.known).text, to_jsonb((c.known).tags) as tags, (c.known).text_in_image, (c.known).safety,
            (c.known).model, (c.known).host, (c.known).simulated, (c.known).prompt_tokens, (c.known).answer_tokens,
            (c.known).load_ms, (c.known).eval_ms, (c.known).total_ms
          from darkroom.claim_description(${contentHash}, ${recipeHash}, ${factsHash}, ${owner}) as c`,
      );
      if (row === undefined) throw new Error('claim_description returned nothing.');
      if (row.holder === null) return { kind: 'known', description: descriptionOf(row) };
      return row.holder === owner ? { kind: 'mine' } : { kind: 'held', owner: row.holder };
    },

    async takeOver(key, from, to) {
      await database.run(
        (sql) => sql`
          update darkroom.claim set owner = ${to}, since = now() where ${isKey(sql, key)} and owner = ${from}`,
      );
    },

    async save(key, description) {
      await database.run(
        (sql, json) => sql`
          with answer as (select * from jsonb_to_record(${json(answerRecord(key, description))}) as a(${answerColumns(sql)}))
          ${insertAnswer(sql)}`,
      );
    },
  };
}
