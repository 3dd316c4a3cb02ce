-- A face that is drawn again in the same box while nobody can look at it keeps the vector that it has, as long as that is the
-- model's: it was lost, and with it whom the face is like.
create or replace function darkroom.add_manual_face(
  a_content text, a_model text, box jsonb, a_embedding text, a_person bigint)
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
  delete from darkroom.face_vector v where v.face_id = face and (a_embedding is not null or v.model <> a_model);
  if a_embedding is not null then
    insert into darkroom.face_vector (face_id, model, embedding) values (face, a_model, a_embedding::real[]);
  end if;
  return face;
end
$$;
