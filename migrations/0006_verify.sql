-- What is to be looked at again: texts not seen since they were written or put back, and those seen, the earliest first.
drop index darkroom.publication_unverified;
create index publication_fresh on darkroom.publication (written_at, asset_id)
  where state in ('written', 'intended') and verified_at is null;
create index publication_seen on darkroom.publication (verified_at, asset_id) where state = 'written';
