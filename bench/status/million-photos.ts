import type { Database } from '../../adapters/postgres/connection.ts';

export const wantedHash = 'd'.repeat(64);
const formerHash = 'e'.repeat(64);

/**
 * Rows as a library of `photos` has them in the middle of its work: three in five described, a tenth of those under a former
 * recipe, half a per cent parked, a few waiting, the rest not started. Texts and stories are as long as real ones. SIMULATED.
 */
export async function fillWith(database: Database, photos: number): Promise<void> {
  await database.run(
    (sql) => sql`insert into darkroom.library (name, root) values ('pictures', '/pictures'), ('scans', '/scans')`,
  );
  await database.run(
    (sql) => sql`
      insert into darkroom.asset (
        library_id, raw_path, path, state, waiting_since, waiting_reason, size, mtime_ms, ctime_ms, inode, content_hash, ended_recipe)
      select 1 + at % 2, convert_to(p.path, 'UTF8'), p.path, s.state,
        case s.state when 'waiting' then now() end, case s.state when 'waiting' then 'the file grows' end,
        3000000, 1700000000000, 1700000000000, at::text, md5(at::text) || md5(at::text),
        case when s.state in ('done', 'parked') then case at % 10 when 0 then ${formerHash} else ${wantedHash} end end
      from generate_series(1, ${photos}::integer) at,
        lateral (select 'year ' || at / 10000 || '/IMG_' || lpad(at::text, 8, '0') || '.jpg' as path) p,
        lateral (select case when at % 5 < 3 then 'done' when at % 200 = 3 then 'parked' when at % 1000 = 4 then 'waiting' else 'new' end
          as state) s`,
  );
  await database.run(
    (sql) => sql`
      insert into darkroom.description (
        content_hash, recipe_hash, facts_hash, text, model, host, simulated, prompt_tokens, answer_tokens, eval_ms, total_ms, created)
      select a.content_hash, a.ended_recipe, ${wantedHash}, repeat('SIMULATED words ', 30), 'qwen3-vl', 'http://gpu-' || a.id % 4,
        true, 1200, 90, 2000, 2000 + a.id % 700, now() - (${photos}::integer - a.id) * interval '0.2 seconds'
      from darkroom.asset a where a.state = 'done'`,
  );
  await database.run(
    (sql) => sql`
      insert into darkroom.asset_run (asset_id, run_id, workflow_id, started, ended, outcome, steps)
      select a.id, md5(a.id::text), 'asset/pictures/' || a.path, now() - (${photos}::integer - a.id) * interval '0.2 seconds',
        now() - (${photos}::integer - a.id) * interval '0.2 seconds', a.state,
        (select jsonb_agg(jsonb_build_object('step', 'step ' || n, 'at', 1700000000000, 'note', repeat('SIMULATED ', 6))) from generate_series(1, 6) n)
      from darkroom.asset a where a.state in ('done', 'parked')`,
  );
  await database.run(
    (sql) => sql`
      insert into darkroom.failure (asset_id, step, code, reason, tries, at)
      select a.id, 'describe', (array['EmptyAnswer', 'Undecodable', 'Refused'])[1 + a.id % 3], 'SIMULATED reason', '[]', now()
      from darkroom.asset a where a.state = 'parked'`,
  );
}
