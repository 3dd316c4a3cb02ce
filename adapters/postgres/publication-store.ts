import { z } from 'zod';
import type { PublicationStore } from '../../domain/immich-store.ts';
import type { Database } from './connection.ts';
import { publicationColumns, publicationOf, publicationRow } from './publication-row.ts';
import { isId } from './rows.ts';

const foundRow = z.object({ publication: publicationRow });

/** What was written into libraries' own fields, in Postgres. Every method may be called again with the same effect. */
export function createPublicationStore({ database }: { database: Database }): PublicationStore {
  return {
    async find(assetId) {
      if (!isId(assetId)) return undefined;
      const [row] = await database.rows(
        foundRow,
        (sql) => sql`
          select ${publicationColumns(sql)} as publication from darkroom.publication p
          where p.asset_id = ${assetId} and p.target = 'immich'`,
      );
      return row === undefined ? undefined : publicationOf(row.publication);
    },

    async intend({ asset, workflowId, runId, recipeHash, before, text, textSha, partSha, taken }) {
      const part = partSha ?? null;
      const meant = { before: before === '' ? undefined : before, text };
      await database.run(
        (sql, json) => sql`
          insert into darkroom.publication as p (
            asset_id, library_id, target, state, workflow_id, run_id, recipe_hash, before, intended, intended_sha, shas,
            part_shas, intended_at, taken)
          select a.id, a.library_id, 'immich', 'intended', ${workflowId}, ${runId}, ${recipeHash}, m.before, m.text, ${textSha},
            array[${textSha}::text], array_remove(array[${part}::text], null), now(), ${new Date(taken).toISOString()}
          from darkroom.asset a, jsonb_to_record(${json(meant)}) as m(before text, text text)
          where a.id = ${isId(asset.assetId) ? asset.assetId : '0'} and a.path = ${asset.path}
          on conflict (asset_id, target) do update
          set state = 'intended', workflow_id = excluded.workflow_id, run_id = excluded.run_id, recipe_hash = excluded.recipe_hash,
            -- The field before the first write of a run: a second attempt may meet what the first one wrote.
            before = case when p.run_id = excluded.run_id and p.intended_sha is not null then p.before else excluded.before end,
            intended = excluded.intended, intended_sha = excluded.intended_sha,
            -- The last eight are enough to know what any open run or old page may still show.
            shas = (array_remove(p.shas, excluded.intended_sha) || excluded.intended_sha)
              [greatest(1, cardinality(array_remove(p.shas, excluded.intended_sha)) - 6):],
            part_shas = case when ${part}::text is null then p.part_shas
              else (array_remove(p.part_shas, ${part}::text) || ${part}::text)
                [greatest(1, cardinality(array_remove(p.part_shas, ${part}::text)) - 6):] end,
            intended_at = now(), written_at = null, verified_at = null, rewrites = 0, unsure = false,
            note = null, taken = excluded.taken
          where (p.state, p.run_id, p.intended_sha) is distinct from ('intended', excluded.run_id, excluded.intended_sha)`,
      );
    },

    async written(assetId, at) {
      if (!isId(assetId)) return;
      await database.run(
        (sql) => sql`
          update darkroom.publication p set state = 'written', written_at = ${new Date(at).toISOString()}
          where p.asset_id = ${assetId} and p.target = 'immich' and p.state = 'intended'`,
      );
    },

    async leave({ asset, workflowId, runId, recipeHash, state, note }) {
      await database.run(
        (sql) => sql`
          insert into darkroom.publication as p (asset_id, library_id, target, state, workflow_id, run_id, recipe_hash, note)
          select a.id, a.library_id, 'immich', ${state}, ${workflowId}, ${runId}, ${recipeHash}, ${note}
          from darkroom.asset a where a.id = ${isId(asset.assetId) ? asset.assetId : '0'} and a.path = ${asset.path}
          on conflict (asset_id, target) do update
          set state = excluded.state, workflow_id = excluded.workflow_id, run_id = excluded.run_id,
            recipe_hash = excluded.recipe_hash, note = excluded.note
          where (p.state, p.run_id, p.note) is distinct from (excluded.state, excluded.run_id, excluded.note)`,
      );
    },
  };
}
