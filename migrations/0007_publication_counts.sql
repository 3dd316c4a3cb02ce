-- Counting the texts of a library by what became of them reads one index alone, as for photos: 5 s for 500,000 texts without.
alter table darkroom.publication
  add column library_id bigint references darkroom.library (id) on delete cascade,
  -- The text is gone, and nobody can tell whose doing it is.
  add column unsure boolean not null default false;
update darkroom.publication p set library_id = a.library_id from darkroom.asset a where a.id = p.asset_id;
alter table darkroom.publication alter column library_id set not null;
create index publication_counts on darkroom.publication (library_id, state, unsure, verified_at);
-- What was written in a library since a time.
create index publication_intended on darkroom.publication (library_id, intended_at);
