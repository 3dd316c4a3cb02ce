import { z } from 'zod';
import type { ExportRow } from '../../domain/status.ts';
import type { Database } from './connection.ts';
import { assetState, id } from './rows.ts';

/** About 400 KB of text at most; one page is held at a time. */
const pageSize = 500;

const maybe = <S extends z.ZodType>(schema: S) => schema.nullable().transform((value) => value ?? undefined);
const exportRow = z.object({
  id,
  library: z.string(),
  path: z.string(),
  state: assetState,
  description: z.string(),
  tags: z.array(z.string()).nullable(),
  textInImage: z.string().nullable(),
  safety: z.string().nullable(),
  model: z.string(),
  host: z.string(),
  simulated: z.boolean(),
  recipe: z.string(),
  takenAt: maybe(z.string()),
  promptTokens: maybe(z.number()),
  answerTokens: maybe(z.number()),
  ms: z.number(),
  created: z.date().transform((date) => date.toISOString()),
});

/** Keyset pages by id, so that an export neither holds a transaction open nor counts rows twice while work goes on. */
export async function* exportRows(
  database: Database,
  { library, signal }: { library?: string; signal?: AbortSignal } = {},
): AsyncGenerator<ExportRow, void, undefined> {
  let after = '0';
  for (;;) {
    const rows = await database.rows(
      exportRow,
      (sql) => sql`
        select a.id, l.name as library, a.path, a.state, d.text as description, to_jsonb(d.tags) as tags,
          d.text_in_image, d.safety, d.model, d.host, d.simulated, d.recipe_hash as recipe, c.taken_at, d.prompt_tokens, d.answer_tokens, d.total_ms as ms, d.created
        from darkroom.asset a
          join darkroom.library l on l.id = a.library_id
          join darkroom.description d on d.id = a.description_id
          left join darkroom.content c on c.hash = d.content_hash
        where a.id > ${after} ${library === undefined ? sql`` : sql`and l.name = ${library}`}
        order by a.id limit ${pageSize}`,
      { signal },
    );
    for (const { id, tags, textInImage, safety, ...row } of rows) {
      after = id;
      yield {
        ...row,
        ...(tags === null ? {} : { tags }),
        ...(textInImage === null ? {} : { textInImage }),
        ...(safety === null ? {} : { safety }),
      };
    }
    if (rows.length < pageSize) return;
  }
}
