import { z } from 'zod';
import { fileName } from '../../domain/asset.ts';
import type { FoundAsset } from '../../domain/status.ts';
import type { Database, Sql } from './connection.ts';
import { storable } from './json.ts';
import { assetState, bytea, contentOf, contentRow, descriptionOf, descriptionRow, id, isId } from './rows.ts';

const matches = ['exact', 'suffix', 'name'] as const;

const foundRow = z.object({
  id,
  library: z.string(),
  root: z.string(),
  kind: z.enum(['folder', 'immich']),
  path: z.string(),
  rawPath: bytea,
  state: assetState,
  waitingReason: z.string().nullable(),
  waitingSince: z.date().nullable(),
  skipReason: z.string().nullable(),
  match: z.literal([0, 1, 2]),
  content: z.unknown(),
  description: z.unknown(),
});
const contentJson = contentRow.nullable();
const descriptionJson = descriptionRow.extend({ created: z.coerce.date(), recipeHash: z.string() }).nullable();

/** See `StatusQueries.findByPath`. Every kind of match has the file's name in common, which has an index. */
export async function findByPath(database: Database, shownPath: string, limit: number): Promise<readonly FoundAsset[]> {
  const wanted = storable(shownPath)
    .replace(/^(\.\/)+/, '')
    .replace(/\/+$/, '');
  const name = fileName(wanted);
  if (name === '') return [];
  const rows = await database.rows(
    foundRow,
    (sql) => sql`
      with wanted as (
        select a.*, l.name as library, l.root, l.kind,
          case
            when a.path = w.path or rtrim(l.root, '/') || '/' || a.path = w.path then 0
            when right(a.path, length(w.path) + 1) = '/' || w.path then 1
            else 2
          end as match
        from (select ${wanted}::text as path) w
          join darkroom.asset a on split_part(a.path, '/', -1) = ${name}
          join darkroom.library l on l.id = a.library_id
      ), best as (
        select * from wanted where match = (select min(match) from wanted) order by library, path, id limit ${limit}
      )
      ${known(sql)}`,
  );
  return rows.map(foundAsset);
}

/** See `StatusQueries.findInImmich`. */
export async function findInImmich(database: Database, assetId: string): Promise<readonly FoundAsset[]> {
  const rows = await database.rows(
    foundRow,
    (sql) => sql`
      with best as (
        select a.*, l.name as library, l.root, l.kind, 0 as match
        from darkroom.library l
          join darkroom.asset a on a.library_id = l.id and sha256(a.raw_path) = sha256(convert_to(${assetId}, 'UTF8'))
        where l.kind = 'immich'
      )
      ${known(sql)}`,
  );
  return rows.map(foundAsset);
}

/** See `StatusQueries.findById`. */
export async function findById(database: Database, assetId: string): Promise<FoundAsset | undefined> {
  if (!isId(assetId)) return undefined;
  const rows = await database.rows(
    foundRow,
    (sql) => sql`
      with best as (
        select a.*, l.name as library, l.root, l.kind, 0 as match
        from darkroom.asset a join darkroom.library l on l.id = a.library_id where a.id = ${assetId}
      )
      ${known(sql)}`,
  );
  return rows.map(foundAsset)[0];
}

/** What is known of the rows of `best`. */
const known = (sql: Sql) => sql`
  select b.id, b.library, b.root, b.kind, b.path, b.raw_path, b.state, b.waiting_reason, b.waiting_since, b.skip_reason, b.match,
    case when c.hash is not null then jsonb_build_object('hash', c.hash, 'bytes', c.bytes, 'kind', c.kind, 'width', c.width,
      'height', c.height, 'takenAt', c.taken_at, 'camera', c.camera, 'latitude', c.latitude, 'longitude', c.longitude,
      'keywords', c.keywords, 'caption', c.caption)
    end as content,
    case when d.id is not null then jsonb_build_object('text', d.text, 'tags', d.tags,
      'textInImage', d.text_in_image, 'safety', d.safety, 'model', d.model, 'host', d.host,
      'simulated', d.simulated, 'promptTokens', d.prompt_tokens, 'answerTokens', d.answer_tokens, 'loadMs', d.load_ms,
      'evalMs', d.eval_ms, 'totalMs', d.total_ms, 'created', d.created, 'recipeHash', d.recipe_hash)
    end as description
  from best b
    left join darkroom.content c on c.hash = b.content_hash
    left join darkroom.description d on d.id = b.description_id
  order by b.library, b.path, b.id`;

function foundAsset(row: z.output<typeof foundRow>): FoundAsset {
  const { library, path, rawPath, root, kind, state, match, waitingReason, waitingSince, skipReason } = row;
  const content = contentJson.parse(row.content);
  const description = descriptionJson.parse(row.description);
  return {
    asset: { assetId: row.id, library, path },
    rawPath,
    root,
    ...(kind === 'immich' && { kind }),
    match: matches[match],
    state,
    waitingReason: waitingReason ?? undefined,
    waitingSince: waitingSince?.getTime(),
    ...(state === 'skipped' && skipReason !== null && { skipReason }),
    content: content === null ? undefined : contentOf(content),
    description:
      description === null
        ? undefined
        : {
            ...descriptionOf(description),
            created: description.created.getTime(),
            recipeHash: description.recipeHash,
          },
  };
}
