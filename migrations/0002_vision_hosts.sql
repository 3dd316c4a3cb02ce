-- What a structured answer holds beside its text; all null where plain text was asked for.
alter table darkroom.description
  add column tags text[],
  add column text_in_image text,
  add column safety text;

-- What somebody wrote into the file about the photo; null where nobody did, and where it was read before Darkroom looked.
alter table darkroom.content
  add column keywords text[],
  add column caption text;

-- A call that runs on a host which several workers share. A row stays when its slot is given back, with `expires` in the past
-- and no holder, and is taken again: an update in place leaves the index alone, and the table stays at one page.
create table darkroom.host_lease (
  host text collate "C" not null,
  model text collate "C" not null,
  slot integer not null check (slot > 0),
  -- A random id of the lease.
  holder text collate "C",
  expires timestamptz not null,
  primary key (host, model, slot)
);

-- A host that asked to be left alone, or that has used up its tokens of a day.
create table darkroom.host_rest (
  host text collate "C" not null,
  model text collate "C" not null,
  until timestamptz not null,
  reason text not null,
  primary key (host, model)
);

-- The slot that was taken, the lowest that is free; null where all are in use. A function and not one statement, because each
-- of its statements sees what was committed a moment ago: a single one keeps the view it began with, and would miss rows that
-- somebody else inserted and slots that were given back since. Nobody waits for a row here (takers that did made deadlocks): a
-- free slot that is locked is being taken at this moment, and is looked at again a millisecond later.
create function darkroom.take_host_lease(a_host text, a_model text, slots integer, claimant text, ttl interval)
returns integer
language plpgsql as $$
declare
  taken integer;
begin
  if (select count(*) from darkroom.host_lease l
      where l.host = a_host and l.model = a_model and l.slot <= slots) < slots then
    insert into darkroom.host_lease (host, model, slot, expires)
      select a_host, a_model, s, '-infinity' from generate_series(1, slots) s
      on conflict do nothing;
  end if;

  for look in 1..20 loop
    update darkroom.host_lease l set holder = claimant, expires = now() + ttl
      where l.host = a_host and l.model = a_model and l.slot = (
        select f.slot from darkroom.host_lease f
        where f.host = a_host and f.model = a_model and f.slot <= slots and f.expires <= now()
        order by f.slot limit 1
        for update skip locked)
      returning l.slot into taken;
    exit when found or not exists (
      select from darkroom.host_lease f
      where f.host = a_host and f.model = a_model and f.slot <= slots and f.expires <= now());
    perform pg_sleep(0.001);
  end loop;
  return taken;
end
$$;
