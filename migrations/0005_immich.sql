-- Who an Immich library belongs to (the user's id in Immich), and the SHA-256 of the key it was last opened with: so that a
-- worker knows its libraries while Immich is away. `root` is the server's address.
alter table darkroom.library
  add column owner_id text collate "C",
  add column key_sha text collate "C",
  -- due: the first photos are to be shown before anything is written · shown: a person is to say go · over
  add column first_look text collate "C" not null default 'over' check (first_look in ('due', 'shown', 'over')),
  -- Since when it is known that what is written there is wiped again; null where it is not.
  add column read_only_since timestamptz,
  -- How far new photos were looked for: when Immich learned of them.
  add column polled_until timestamptz,
  add column swept timestamptz;
create unique index library_owner on darkroom.library (root, owner_id) where owner_id is not null;

-- skipped: nothing is to be done for it, and why stands in `skip_reason`: a person's own text, hidden, locked.
alter table darkroom.asset
  drop constraint asset_state_check,
  add constraint asset_state_check
    check (state in ('new', 'open', 'waiting', 'done', 'parked', 'gone', 'unsupported', 'skipped')),
  add column skip_reason text,
  -- Hash of the names that the last run told the model; other ones in Immich mark the text outdated, from then on.
  add column people_hash text collate "C",
  add column people_changed timestamptz;
-- `status` counts these, and few photos are among them.
create index asset_people_changed on darkroom.asset (library_id, state) where people_changed is not null;

-- What was written into a library's own field. The row is there, with what is meant, before the write: on a retry a text counts
-- as ours when it equals the intended or the written one. One row per photo and target; what it was before the first write of a
-- run stays, for undo.
create table darkroom.publication (
  asset_id bigint not null references darkroom.asset (id) on delete cascade,
  target text collate "C" not null,
  -- intended: the write may or may not have happened · written · held: not to be written yet (first look)
  -- kept: somebody's own text stayed · cleared: a person emptied it · wiped: gone by itself, twice · undone
  state text collate "C" not null
    check (state in ('intended', 'written', 'held', 'kept', 'cleared', 'wiped', 'undone')),
  workflow_id text not null,
  -- Of the workflow run that wrote it, and the backfill that started it, where one did.
  run_id text collate "C" not null,
  description_id bigint,
  recipe_hash text collate "C",
  -- The whole field before, and as meant. Null before: it was empty.
  before text,
  intended text,
  -- SHA-256 of the trimmed field, 64 hex digits: of what is meant now, and of every text of ours that stood there.
  intended_sha text collate "C",
  shas text[] not null default '{}',
  -- Of our own part of each of these, where a person's words stand beside it.
  part_shas text[] not null default '{}',
  intended_at timestamptz,
  written_at timestamptz,
  verified_at timestamptz,
  rewrites integer not null default 0,
  note text,
  -- When the photo was taken: what is read back is read in pages by that.
  taken timestamptz,
  primary key (asset_id, target)
);
create index publication_unverified on darkroom.publication (written_at) where state = 'written' and verified_at is null;
create index publication_run on darkroom.publication (run_id);

alter table darkroom.asset_run
  drop constraint asset_run_outcome_check,
  add constraint asset_run_outcome_check check (outcome in ('done', 'gone', 'parked', 'skipped'));
