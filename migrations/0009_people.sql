-- Merges, their undoing and the deletion of people come one after the other. They are rare, and touch chains of people.
create function darkroom.lock_people() returns void
language sql as $$ select pg_advisory_xact_lock(7233188282340700014) $$;

-- Deletes a person, and with them those who were merged into them. Their faces stay and belong to nobody, or go too, also those
-- that a person marked by hand. Null where there is no such person. Raises DR409 for one who was merged.
create function darkroom.delete_person(a_person bigint, with_faces boolean)
returns table (faces integer, manual_faces integer)
language plpgsql as $$
declare
  theirs bigint[];
begin
  perform darkroom.lock_people();
  perform from darkroom.person p where p.id = a_person for update;
  if not found then
    return;
  end if;
  perform darkroom.hold_person(a_person);
  select coalesce(array_agg(f.id), '{}'), count(*), count(*) filter (where f.source = 'manual')
    into theirs, faces, manual_faces from darkroom.face_detection f where f.person_id = a_person;
  if with_faces then
    perform darkroom.delete_faces(theirs);
  else
    update darkroom.face_detection f set person_id = null, deferred = false where f.person_id = a_person;
  end if;
  delete from darkroom.person p where p.id = a_person;
  return next;
end
$$;

-- Merges people into one: all of them or, where one cannot be, none. One who was merged into the same before stays as they are.
-- Raises DR400 for somebody and themselves, DR404, DR409.
create function darkroom.merge_people(a_sources bigint[], a_target bigint)
returns table (merge_id bigint, source_id bigint, faces integer, is_new boolean)
language plpgsql as $$
declare
  source darkroom.person;
  target darkroom.person;
begin
  perform darkroom.lock_people();
  if a_target = any(a_sources) then
    raise exception using errcode = 'DR400', message = 'a person cannot be merged into themselves', detail = a_target::text;
  end if;
  perform from darkroom.person p where p.id = a_target or p.id = any(a_sources) order by p.id for update;
  perform darkroom.hold_person(a_target);
  for source_id in select u.id from unnest(a_sources) with ordinality as u (id, nth) group by u.id order by min(u.nth) loop
    is_new := false;
    select m.id, m.faces into merge_id, faces from darkroom.person_merge m
      where m.source_id = merge_people.source_id and m.target_id = a_target and m.undone is null;
    if found then
      return next;
      continue;
    end if;
    perform darkroom.hold_person(source_id);
    is_new := true;
    select p.* into source from darkroom.person p where p.id = merge_people.source_id;
    select p.* into target from darkroom.person p where p.id = a_target;
    insert into darkroom.person_merge (source_id, target_id, filled)
      values (source.id, target.id, jsonb_strip_nulls(jsonb_build_object(
        'name', case when target.name is null then source.name end,
        'notes', case when target.notes = '' then nullif(source.notes, '') end,
        'entityId', case when target.entity_id is null then source.entity_id end,
        'birthDate', case when target.birth_date is null then source.birth_date end)))
      returning id into merge_id;
    -- First, so that the name is free.
    update darkroom.person p set merged_into = a_target where p.id = source.id;
    update darkroom.person p
      set name = coalesce(p.name, source.name), name_folded = coalesce(p.name_folded, source.name_folded),
        notes = case when p.notes = '' then source.notes else p.notes end,
        entity_id = coalesce(p.entity_id, source.entity_id), birth_date = coalesce(p.birth_date, source.birth_date),
        updated = now()
      where p.id = a_target;
    with moved as (
      update darkroom.face_detection f set person_id = a_target where f.person_id = source.id returning f.id
    )
    insert into darkroom.person_merge_face (merge_id, face_id) select merge_people.merge_id, moved.id from moved;
    get diagnostics faces = row_count;
    update darkroom.person_merge m set faces = merge_people.faces where m.id = merge_people.merge_id;
    return next;
  end loop;
end
$$;

-- Takes a merge back. The merged person is as they were. Faces go back that the merge moved and nobody has moved or assigned
-- since, wherever later merges took them; so does what the target got of the source's and still has. Raises DR410 where there
-- is no such merge (any more), and the unique violation of person_name where another person has the name now.
create function darkroom.unmerge_people(a_merge bigint)
returns table (source_id bigint, target_id bigint, faces integer, is_new boolean)
language plpgsql as $$
declare
  former darkroom.person_merge;
  source darkroom.person;
  later darkroom.person_merge;
  chain bigint[];
  holders bigint[];
  holder bigint;
  given jsonb;
  taken text[];
begin
  perform darkroom.lock_people();
  select m.* into former from darkroom.person_merge m where m.id = a_merge;
  if not found then
    raise exception using errcode = 'DR410', message = 'no such merge', detail = a_merge::text;
  end if;
  source_id := former.source_id;
  target_id := former.target_id;
  faces := 0;
  is_new := former.undone is null;
  if not is_new then
    return next;
    return;
  end if;

  chain := array[former.id];
  holders := array[former.target_id];
  loop
    select m.* into later from darkroom.person_merge m
      where m.source_id = holders[array_length(holders, 1)] and m.undone is null;
    exit when not found;
    chain := chain || later.id;
    holders := holders || later.target_id;
  end loop;
  perform from darkroom.person p where p.id = former.source_id or p.id = any(holders) order by p.id for update;

  select p.* into source from darkroom.person p where p.id = former.source_id;
  given := former.filled;
  for step in 1 .. array_length(holders, 1) loop
    holder := holders[step];
    if step > 1 then
      -- What the holder before lost was handed on by this merge, where it is the same.
      select m.* into later from darkroom.person_merge m where m.id = chain[step];
      select coalesce(jsonb_object_agg(g.key, g.value), '{}') into given
        from jsonb_each(given) g where later.filled -> g.key = g.value;
      select coalesce(array_agg(k), '{}') into taken from jsonb_object_keys(given) k;
      update darkroom.person_merge m set filled = m.filled - taken where m.id = later.id;
    end if;
    exit when given = '{}';
    update darkroom.person p
      set name = case when given ? 'name' and p.name_folded = source.name_folded then null else p.name end,
        name_folded = case when given ? 'name' and p.name_folded = source.name_folded then null else p.name_folded end,
        notes = case when p.notes = given ->> 'notes' then '' else p.notes end,
        entity_id = case when p.entity_id = given ->> 'entityId' then null else p.entity_id end,
        birth_date = case when p.birth_date = (given ->> 'birthDate')::date then null else p.birth_date end,
        updated = now()
      where p.id = holder;
  end loop;
  update darkroom.person p set merged_into = null where p.id = former.source_id;

  with back as (
    update darkroom.face_detection f set person_id = former.source_id
      from darkroom.person_merge_face r
      where r.merge_id = former.id and f.id = r.face_id and f.person_id = holders[array_length(holders, 1)]
      returning f.id
  ), forgotten as (
    delete from darkroom.person_merge_face r using back where r.face_id = back.id and r.merge_id = any(chain)
  )
  select count(*) into faces from back;
  delete from darkroom.person_merge_face r where r.merge_id = former.id;
  update darkroom.person_merge m set undone = now() where m.id = former.id;
  return next;
end
$$;
