-- People. One that nobody has named is a cluster: faces that look alike. One that was merged into another keeps its row, as it
-- was, so that taking the merge back restores it.
create table darkroom.person (
  id bigint generated always as identity primary key,
  name text,
  -- NFKC and lower case, by domain/person.ts: the server's idea of lower case depends on its locale.
  name_folded text collate "C",
  notes text not null default '',
  -- What another system calls this person.
  entity_id text,
  -- No foreign key: it counts while that face is of this person, and one that is gone does no harm.
  cover_face bigint,
  hidden boolean not null default false,
  birth_date date,
  merged_into bigint references darkroom.person (id) on delete cascade,
  created timestamptz not null default now(),
  updated timestamptz not null default now(),
  check ((name is null) = (name_folded is null)),
  check (name_folded <> ''),
  check (merged_into <> id)
);
create unique index person_name on darkroom.person (name_folded) where name_folded is not null and merged_into is null;
create index person_merged on darkroom.person (merged_into) where merged_into is not null;

-- Faces by content hash: copies of a photo share them, in whichever library they are. Of one photo and model there are the faces
-- that the model found, or one marker row: no_faces, or failed with its reason. Faces that a person marked stand beside either.
create table darkroom.face_detection (
  id bigint generated always as identity primary key,
  content_hash text collate "C" not null,
  model text collate "C" not null,
  source text collate "C" not null default 'model' check (source in ('model', 'manual')),
  status text collate "C" not null check (status in ('detected', 'no_faces', 'failed')),
  -- One row of a photo and model is the first one, and a marker always is: so the index below allows no second marker, and no
  -- marker beside faces.
  is_first boolean not null default false,
  -- Parts of the upright picture, 0 to 1, from its left and top edge.
  x double precision,
  y double precision,
  width double precision,
  height double precision,
  score real,
  reason text,
  person_id bigint references darkroom.person (id) on delete set null,
  -- person: somebody said so · cluster: it is like other faces of theirs · tags: and the photo's own tags name them
  assigned_by text collate "C" check (assigned_by in ('person', 'cluster', 'tags')),
  assigned timestamptz,
  suggested_person bigint references darkroom.person (id) on delete set null,
  suggested_cosine real,
  -- Clustering has put it off to its second pass.
  deferred boolean not null default false,
  -- The transaction that changed it last: what an index in memory asks for since it last looked. Times would not do: one that
  -- began earlier may commit later.
  changed xid8 not null default pg_current_xact_id(),
  created timestamptz not null default now(),
  constraint face_marker_is_clean check (
    case when status = 'detected'
      then x >= 0 and y >= 0 and width > 0 and height > 0 and x + width <= 1.000001 and y + height <= 1.000001 and reason is null
      else source = 'model' and is_first and num_nonnulls(x, y, width, height, score, person_id, assigned_by, assigned,
        suggested_person, suggested_cosine) = 0 and not deferred and (status = 'failed') = (reason is not null)
    end is true),
  constraint face_assignment_is_whole
    check ((person_id is null) = (assigned_by is null) and (assigned_by is null) = (assigned is null)),
  constraint face_suggestion_is_whole check (suggested_person is null or suggested_cosine is not null),
  check (score is null or score between 0 and 1)
);
create unique index face_first on darkroom.face_detection (content_hash, model) where source = 'model' and is_first;
create unique index face_manual on darkroom.face_detection (content_hash, x, y, width, height) where source = 'manual';
create index face_content on darkroom.face_detection (content_hash);
create index face_person on darkroom.face_detection (person_id, id) where person_id is not null;
create index face_unassigned on darkroom.face_detection (model, id) where status = 'detected' and person_id is null;
create index face_suggested on darkroom.face_detection (suggested_person) where suggested_person is not null;
create index face_changed on darkroom.face_detection (model, changed, id) where status = 'detected';

-- Vectors have a table of their own: assigning 20,000 faces must not write each of them into an index of vectors once more. Plain,
-- so that they stay in their row: 2,072 bytes would be moved out of it. A face that a person marked may have none.
create table darkroom.face_vector (
  face_id bigint primary key references darkroom.face_detection (id) on delete cascade,
  model text collate "C" not null,
  embedding real[] not null,
  constraint face_vector_is_sound check (
    array_ndims(embedding) = 1 and array_length(embedding, 1) = 512
    and array_position(embedding, null) is null and array_position(embedding, 'NaN') is null
    and array_position(embedding, 'Infinity') is null and array_position(embedding, '-Infinity') is null
    and embedding <> array_fill(0::real, array[512]))
);
alter table darkroom.face_vector alter column embedding set storage plain;
create index face_vector_model on darkroom.face_vector (model, face_id);

-- Faces that are no more, for those who keep vectors in memory.
create table darkroom.face_removed (
  face_id bigint primary key,
  model text collate "C" not null,
  changed xid8 not null default pg_current_xact_id()
);
create index face_removed_changed on darkroom.face_removed (model, changed, face_id);

-- "This is not them": such a face is not given to that person by a program, nor suggested.
create table darkroom.face_rejection (
  face_id bigint not null references darkroom.face_detection (id) on delete cascade,
  person_id bigint not null references darkroom.person (id) on delete cascade,
  primary key (face_id, person_id)
);
create index face_rejection_person on darkroom.face_rejection (person_id);

-- Merges, with what it takes to undo each of them.
create table darkroom.person_merge (
  id bigint generated always as identity primary key,
  source_id bigint not null references darkroom.person (id) on delete cascade,
  target_id bigint not null references darkroom.person (id) on delete cascade,
  -- What the target lacked and got from the source: any of name, notes, entityId, birthDate.
  filled jsonb not null default '{}',
  faces integer not null default 0,
  at timestamptz not null default now(),
  undone timestamptz,
  check (source_id <> target_id)
);
create unique index person_merge_open on darkroom.person_merge (source_id) where undone is null;
create index person_merge_source on darkroom.person_merge (source_id);
create index person_merge_target on darkroom.person_merge (target_id);

-- Faces that a merge moved and that nobody has moved since: those go back with it.
create table darkroom.person_merge_face (
  merge_id bigint not null references darkroom.person_merge (id) on delete cascade,
  face_id bigint not null references darkroom.face_detection (id) on delete cascade,
  primary key (merge_id, face_id)
);
create index person_merge_face_face on darkroom.person_merge_face (face_id);

create function darkroom.note_face_change() returns trigger
language plpgsql as $$
begin
  new.changed := pg_current_xact_id();
  -- Also where the foreign key takes a person away.
  if new.person_id is null then
    new.assigned_by := null;
    new.assigned := null;
  end if;
  return new;
end
$$;
create trigger face_changes before update on darkroom.face_detection
  for each row execute function darkroom.note_face_change();

create function darkroom.note_face_removal() returns trigger
language plpgsql as $$
begin
  insert into darkroom.face_removed (face_id, model) select g.id, g.model from gone g where g.status = 'detected'
    on conflict do nothing;
  return null;
end
$$;
create trigger face_removals after delete on darkroom.face_detection
  referencing old table as gone for each statement execute function darkroom.note_face_removal();

-- Who somebody is since they were merged; null for nobody.
create function darkroom.heir(a_person bigint) returns bigint
language sql stable strict as $$
  with recursive up as (
    select p.id, p.merged_into from darkroom.person p where p.id = a_person
    union all
    select p.id, p.merged_into from up join darkroom.person p on p.id = up.merged_into
  )
  select up.id from up where up.merged_into is null
$$;

-- Holds a person as they are until the transaction ends, so that nobody is merged or deleted while they get faces. Raises DR404
-- for one who is not there, DR409 for one who was merged into another.
create function darkroom.hold_person(a_person bigint) returns void
language plpgsql as $$
declare
  into_whom bigint;
begin
  select p.merged_into into into_whom from darkroom.person p where p.id = a_person for share;
  if not found then
    raise exception using errcode = 'DR404', message = 'no such person', detail = a_person::text;
  end if;
  if into_whom is not null then
    raise exception using errcode = 'DR409', message = 'this person was merged',
      detail = a_person || ' ' || darkroom.heir(a_person);
  end if;
end
$$;

-- Faces were taken from these photos: where none of the model's is left a marker says so, or the photo would be looked at again;
-- else one of them is the first.
create function darkroom.close_gaps(contents text[], models text[]) returns void
language plpgsql as $$
begin
  update darkroom.face_detection f set is_first = true
    from (
      select min(o.id) as id from darkroom.face_detection o
        join (select distinct c, m from unnest(contents, models) as u (c, m)) u on o.content_hash = u.c and o.model = u.m
      where o.source = 'model'
      group by o.content_hash, o.model having not bool_or(o.is_first)
    ) lowest
    where f.id = lowest.id;
  insert into darkroom.face_detection (content_hash, model, status, is_first)
    select distinct c, m, 'no_faces', true from unnest(contents, models) as u (c, m)
    where not exists (
      select from darkroom.face_detection o where o.content_hash = u.c and o.model = u.m and o.source = 'model');
end
$$;

create function darkroom.delete_faces(a_faces bigint[]) returns bigint
language plpgsql as $$
declare
  contents text[];
  models text[];
  removed bigint;
begin
  perform from darkroom.face_detection f where f.id = any(a_faces) order by f.id for update;
  with gone as (
    delete from darkroom.face_detection f where f.id = any(a_faces) and f.status = 'detected'
    returning f.content_hash, f.model, f.source
  )
  select count(*), array_agg(g.content_hash) filter (where g.source = 'model'),
      array_agg(g.model) filter (where g.source = 'model')
    into removed, contents, models from gone g;
  perform darkroom.close_gaps(contents, models);
  return removed;
end
$$;

-- Keeps what a model found on one photo: `a_faces` as [{keeps?, like?, box: {x, y, width, height}, score?, embedding: '{…}'}], or
-- with an empty list a marker. Nothing happens where that is known, unless it `replaces`: then faces that are not kept go. A
-- kept one stays the same face; one that is like a face of another model gets its person.
create function darkroom.save_faces(a_content text, a_model text, a_marker text, a_reason text, a_faces jsonb, replaces boolean)
returns table (is_new boolean, kept integer, added integer, removed integer)
language plpgsql as $$
declare
  keeps bigint[] := array(select (k ->> 'keeps')::bigint from jsonb_array_elements(a_faces) k);
  one jsonb;
  face bigint;
  alike darkroom.face_detection;
begin
  kept := 0;
  added := 0;
  removed := 0;
  perform pg_advisory_xact_lock(hashtextextended('darkroom faces ' || a_model || ' ' || a_content, 0));
  is_new := not exists (
    select from darkroom.face_detection f where f.content_hash = a_content and f.model = a_model and f.source = 'model');
  if not is_new and not replaces then
    return next;
    return;
  end if;

  with gone as (
    delete from darkroom.face_detection f
    where f.content_hash = a_content and f.model = a_model and f.source = 'model'
      and (f.status <> 'detected' or array_position(keeps, f.id) is null)
    returning f.status
  )
  select count(*) filter (where g.status = 'detected') into removed from gone g;

  for one in select e.value from jsonb_array_elements(a_faces) with ordinality e order by e.ordinality loop
    update darkroom.face_detection f
      set x = (one #>> '{box,x}')::float8, y = (one #>> '{box,y}')::float8, width = (one #>> '{box,width}')::float8,
        height = (one #>> '{box,height}')::float8, score = (one ->> 'score')::real
      where f.id = (one ->> 'keeps')::bigint and f.content_hash = a_content and f.model = a_model and f.source = 'model';
    if found then
      update darkroom.face_vector v set embedding = (one ->> 'embedding')::real[] where v.face_id = (one ->> 'keeps')::bigint;
      kept := kept + 1;
      continue;
    end if;

    select f.* into alike from darkroom.face_detection f where f.id = (one ->> 'like')::bigint;
    perform from darkroom.person p where p.id = alike.person_id and p.merged_into is null for share;
    if not found then
      alike.person_id := null;
    end if;
    insert into darkroom.face_detection
        (content_hash, model, status, x, y, width, height, score, person_id, assigned_by, assigned)
      values (a_content, a_model, 'detected', (one #>> '{box,x}')::float8, (one #>> '{box,y}')::float8,
        (one #>> '{box,width}')::float8, (one #>> '{box,height}')::float8, (one ->> 'score')::real,
        alike.person_id, alike.assigned_by, alike.assigned)
      returning id into face;
    insert into darkroom.face_vector (face_id, model, embedding) values (face, a_model, (one ->> 'embedding')::real[]);
    insert into darkroom.person_merge_face (merge_id, face_id)
      select r.merge_id, face from darkroom.person_merge_face r where r.face_id = alike.id;
    added := added + 1;
  end loop;

  if kept + added = 0 then
    insert into darkroom.face_detection (content_hash, model, status, reason, is_first)
      values (a_content, a_model, a_marker, a_reason, true);
  else
    perform darkroom.close_gaps(array[a_content], array[a_model]);
  end if;
  return next;
end
$$;

-- A face that a person marked; the same box again is the same face. `a_embedding` null where no face was seen in it.
create function darkroom.add_manual_face(a_content text, a_model text, box jsonb, a_embedding text, a_person bigint)
returns bigint
language plpgsql as $$
declare
  face bigint;
begin
  if a_person is not null then
    perform darkroom.hold_person(a_person);
  end if;
  insert into darkroom.face_detection as f
      (content_hash, model, source, status, x, y, width, height, person_id, assigned_by, assigned)
    values (a_content, a_model, 'manual', 'detected', (box ->> 'x')::float8, (box ->> 'y')::float8,
      (box ->> 'width')::float8, (box ->> 'height')::float8, a_person,
      case when a_person is not null then 'person' end, case when a_person is not null then now() end)
    on conflict (content_hash, x, y, width, height) where source = 'manual' do update
      set model = excluded.model,
        person_id = coalesce(excluded.person_id, f.person_id),
        assigned_by = coalesce(excluded.assigned_by, f.assigned_by),
        assigned = coalesce(excluded.assigned, f.assigned)
    returning f.id into face;
  delete from darkroom.face_vector v where v.face_id = face;
  if a_embedding is not null then
    insert into darkroom.face_vector (face_id, model, embedding) values (face, a_model, a_embedding::real[]);
  end if;
  return face;
end
$$;

-- Gives faces to a person: those of a program only where nobody has them, and nobody said that this is not them.
create function darkroom.assign_faces(a_faces bigint[], a_person bigint, by_whom text) returns setof bigint
language plpgsql as $$
declare
  given bigint[];
begin
  perform darkroom.hold_person(a_person);
  perform from darkroom.face_detection f where f.id = any(a_faces) order by f.id for update;
  with updated as (
    update darkroom.face_detection f
      set person_id = a_person, assigned_by = by_whom, assigned = now(), suggested_person = null, suggested_cosine = null,
        deferred = false
      where f.id = any(a_faces) and f.status = 'detected'
        and case when by_whom = 'person' then f.person_id is distinct from a_person or f.assigned_by <> 'person'
          else f.person_id is null and not exists (
            select from darkroom.face_rejection r where r.face_id = f.id and darkroom.heir(r.person_id) = a_person) end
      returning f.id
  )
  select array_agg(u.id) into given from updated u;
  -- Somebody decided after the merge: its undoing leaves them alone.
  delete from darkroom.person_merge_face r where r.face_id = any(given);
  if by_whom = 'person' then
    delete from darkroom.face_rejection r where r.face_id = any(a_faces) and darkroom.heir(r.person_id) = a_person;
  end if;
  return query select unnest(given);
end
$$;

-- "This is not them": takes faces from whoever has them, so that no program gives them back to the same person.
create function darkroom.unassign_faces(a_faces bigint[]) returns setof bigint
language plpgsql as $$
declare
  freed bigint[];
begin
  perform from darkroom.face_detection f where f.id = any(a_faces) order by f.id for update;
  insert into darkroom.face_rejection (face_id, person_id)
    select f.id, f.person_id from darkroom.face_detection f where f.id = any(a_faces) and f.person_id is not null
    on conflict do nothing;
  with updated as (
    update darkroom.face_detection f set person_id = null
      where f.id = any(a_faces) and f.person_id is not null returning f.id
  )
  select array_agg(u.id) into freed from updated u;
  delete from darkroom.person_merge_face r where r.face_id = any(freed);
  return query select unnest(freed);
end
$$;

-- A person for faces that look alike. Where one of them has a person already it is that one, so that a second call finds the
-- first one's. Null where there is nothing to be done.
create function darkroom.found_person(a_faces bigint[]) returns bigint
language plpgsql as $$
declare
  founded bigint;
begin
  perform from darkroom.face_detection f where f.id = any(a_faces) order by f.id for update;
  select f.person_id into founded from darkroom.face_detection f
    where f.id = any(a_faces) and f.person_id is not null order by f.id limit 1;
  if found then
    return founded;
  end if;
  if not exists (
      select from darkroom.face_detection f
      where f.id = any(a_faces) and f.status = 'detected') then
    return null;
  end if;
  insert into darkroom.person (name) values (null) returning id into founded;
  perform darkroom.assign_faces(a_faces, founded, 'cluster');
  return founded;
end
$$;
