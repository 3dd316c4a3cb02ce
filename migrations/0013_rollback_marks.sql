-- A photo whose people were named, which was made anew with their names and then rolled back, has the old names again: it is
-- marked again. Where the facts of the two texts are the same, nothing was told otherwise. (Photos of an Immich are marked by what
-- Immich says.)

create or replace function darkroom.roll_back_backfill(a_backfill text) returns bigint
language plpgsql as $$
declare
  photos bigint;
begin
  create temporary table back on commit drop as
    select b.asset_id, b.former_description, b.former_recipe, a.description_id as written,
      l.kind = 'folder' and former.facts_hash <> latter.facts_hash as names_differ
    from darkroom.backfill_photo b
      join darkroom.asset a on a.id = b.asset_id
      join darkroom.library l on l.id = a.library_id
      join darkroom.description former on former.id = b.former_description
      left join darkroom.description latter on latter.id = a.description_id
    where b.backfill = a_backfill and b.former_description is not null
      and a.description_id is distinct from b.former_description and a.state in ('done', 'parked');
  update darkroom.description d set superseded = now() from back where d.id = back.written and d.superseded is null;
  update darkroom.description d set superseded = null from back
    where d.id = back.former_description and d.superseded is not null;
  delete from darkroom.failure f using back where f.asset_id = back.asset_id;
  update darkroom.asset a
    set state = 'done', description_id = back.former_description, ended_recipe = back.former_recipe, updated = now(),
      people_changed = case when back.names_differ then clock_timestamp() else a.people_changed end
    from back where a.id = back.asset_id;
  get diagnostics photos = row_count;
  return photos;
end
$$;
