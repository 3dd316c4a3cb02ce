-- Photos in folders whose description calls people by names that are not theirs any more, or not yet, are marked in
-- `asset.people_changed`, by whatever changed that: a name, who is hidden, whose face it is. (Photos of an Immich are marked by
-- what Immich says.) A photo may be marked that needs it not, where a name goes and comes back: that is asked for once too often.

create function darkroom.mark_people(contents text[]) returns void
language plpgsql as $$
begin
  if coalesce(cardinality(contents), 0) = 0 then
    return;
  end if;
  -- In one order, so that two who mark the same photos do not wait for each other.
  perform from darkroom.asset a join darkroom.library l on l.id = a.library_id
    where a.content_hash = any(contents) and l.kind = 'folder' order by a.id for no key update of a;
  -- Marked anew where it is marked: who takes a mark off compares the moment (adapters/postgres/told-people.ts).
  update darkroom.asset a set people_changed = clock_timestamp()
    from darkroom.library l where l.id = a.library_id and l.kind = 'folder' and a.content_hash = any(contents);
end
$$;

create function darkroom.note_people_on_faces() returns trigger
language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform darkroom.mark_people(array_agg(distinct n.content_hash))
      from latter n join darkroom.person p on p.id = n.person_id where p.name is not null and not p.hidden;
  elsif tg_op = 'DELETE' then
    perform darkroom.mark_people(array_agg(distinct o.content_hash))
      from former o join darkroom.person p on p.id = o.person_id where p.name is not null and not p.hidden;
  else
    -- Grouped, not joined: a plan that was kept from a statement of one face would join 20,000 with 20,000 one by one.
    perform darkroom.mark_people(array_agg(distinct c.content_hash))
      from (
        select u.id, min(u.content_hash) as content_hash, max(u.lost) as lost, max(u.gained) as gained
        from (
          select o.id, o.content_hash, o.person_id as lost, null::bigint as gained from former o
          union all
          select n.id, n.content_hash, null, n.person_id from latter n
        ) u
        group by u.id having max(u.lost) is distinct from max(u.gained)
      ) c
        left join darkroom.person was on was.id = c.lost and not was.hidden
        left join darkroom.person is_now on is_now.id = c.gained and not is_now.hidden
      where was.name is distinct from is_now.name;
  end if;
  return null;
end
$$;
create trigger face_people_added after insert on darkroom.face_detection
  referencing new table as latter for each statement execute function darkroom.note_people_on_faces();
create trigger face_people_changed after update on darkroom.face_detection
  referencing old table as former new table as latter for each statement execute function darkroom.note_people_on_faces();
create trigger face_people_removed after delete on darkroom.face_detection
  referencing old table as former for each statement execute function darkroom.note_people_on_faces();

create function darkroom.note_names() returns trigger
language plpgsql as $$
begin
  perform darkroom.mark_people(array_agg(distinct f.content_hash))
    from former o join latter n on n.id = o.id join darkroom.face_detection f on f.person_id = n.id
    where case when not o.hidden then o.name end is distinct from case when not n.hidden then n.name end;
  return null;
end
$$;
create trigger person_names after update on darkroom.person
  referencing old table as former new table as latter for each statement execute function darkroom.note_names();

-- 20,000 faces that a merge has just moved are more than the server has counted yet: going through them one by one took a minute.
alter function darkroom.unmerge_people(bigint) set enable_nestloop = off;
