-- Hashes are 64 hex digits as text: readable in psql and in logs. Collation "C" everywhere, so that they compare as bytes
-- whatever the server's locale is. Times are timestamptz; durations are milliseconds.
-- Few foreign keys on purpose: a finished answer must be stored even where a row that it belongs to has been lost.

create table darkroom.library (
  id bigint generated always as identity primary key,
  name text not null unique,
  kind text not null default 'folder',
  root text not null,
  created timestamptz not null default now()
);

create table darkroom.asset (
  id bigint generated always as identity primary key,
  library_id bigint not null references darkroom.library (id) on delete cascade,
  -- Below the library's root. File names need not be UTF-8; `path` is the shown form.
  raw_path bytea not null,
  path text not null,
  state text collate "C" not null
    check (state in ('new', 'open', 'waiting', 'done', 'parked', 'gone', 'unsupported')),
  waiting_since timestamptz,
  waiting_reason text,
  -- What the file system said when the file was last read (or parked); null until then.
  size bigint,
  mtime_ms double precision,
  ctime_ms double precision,
  inode text collate "C",
  content_hash text collate "C",
  -- The recipe under which the last run ended; null where it ended before a recipe was chosen.
  ended_recipe text collate "C",
  description_id bigint,
  created timestamptz not null default now(),
  updated timestamptz not null default now()
);
-- The hash of the path, not the path: an index entry ends at 2,704 bytes, a path at 4,096.
create unique index asset_path on darkroom.asset (library_id, sha256(raw_path));
create index asset_state on darkroom.asset (state, library_id);
create index asset_content on darkroom.asset (content_hash) where content_hash is not null;
create index asset_file_name on darkroom.asset (split_part(path, '/', -1));

create table darkroom.content (
  hash text collate "C" primary key,
  bytes bigint not null,
  kind text not null,
  width integer not null,
  height integer not null,
  -- Local time without a zone, as cameras write it.
  taken_at text,
  camera text,
  latitude double precision,
  longitude double precision,
  created timestamptz not null default now()
);

create table darkroom.recipe (
  hash text collate "C" primary key,
  body jsonb not null,
  created timestamptz not null default now()
);

create table darkroom.description (
  id bigint generated always as identity primary key,
  content_hash text collate "C" not null,
  recipe_hash text collate "C" not null,
  facts_hash text collate "C" not null,
  text text not null,
  model text not null,
  host text not null,
  simulated boolean not null,
  prompt_tokens integer,
  answer_tokens integer,
  load_ms double precision,
  eval_ms double precision,
  total_ms double precision not null,
  created timestamptz not null default now(),
  unique (content_hash, recipe_hash, facts_hash)
);
create index description_created on darkroom.description (created);

-- Who is making a description now. Released when the run ends, taken over when the owner's run is found closed.
create table darkroom.claim (
  content_hash text collate "C" not null,
  recipe_hash text collate "C" not null,
  facts_hash text collate "C" not null,
  owner text collate "C" not null,
  since timestamptz not null default now(),
  primary key (content_hash, recipe_hash, facts_hash)
);
create index claim_owner on darkroom.claim (owner);

-- What `trace` tells when Temporal has forgotten. `steps` is at most 2 KB of JSON.
create table darkroom.asset_run (
  asset_id bigint not null references darkroom.asset (id) on delete cascade,
  run_id text collate "C" not null,
  workflow_id text not null,
  started timestamptz not null,
  ended timestamptz not null,
  outcome text not null check (outcome in ('done', 'gone', 'parked')),
  steps jsonb not null,
  primary key (asset_id, run_id)
);

-- The dead letters: one open row per parked photo.
create table darkroom.failure (
  asset_id bigint primary key references darkroom.asset (id) on delete cascade,
  step text not null,
  code text not null,
  reason text not null,
  tries jsonb not null,
  recipe_hash text collate "C",
  at timestamptz not null
);

create table darkroom.control (
  key text primary key,
  value jsonb not null,
  updated timestamptz not null default now()
);

-- A function and not one statement, because each of its statements sees what was committed a moment ago: a single
-- statement keeps the view it began with, and would hand out a claim for an answer that was saved while it waited for the
-- last holder's row. `holder` is null where the description is known.
create function darkroom.claim_description(a_content text, a_recipe text, a_facts text, claimant text)
returns table (holder text, known darkroom.description)
language plpgsql as $$
begin
  loop
    select d.* into known from darkroom.description d
      where d.content_hash = a_content and d.recipe_hash = a_recipe and d.facts_hash = a_facts;
    if found then
      holder := null;
      return next;
      return;
    end if;

    insert into darkroom.claim as c (content_hash, recipe_hash, facts_hash, owner)
      values (a_content, a_recipe, a_facts, claimant)
      on conflict do nothing;
    if found then
      -- Ours, unless the last holder saved and let go since we looked.
      if exists (select from darkroom.description d
          where d.content_hash = a_content and d.recipe_hash = a_recipe and d.facts_hash = a_facts) then
        delete from darkroom.claim c
          where c.content_hash = a_content and c.recipe_hash = a_recipe and c.facts_hash = a_facts and c.owner = claimant;
        continue;
      end if;
      holder := claimant;
      return next;
      return;
    end if;

    select c.owner into holder from darkroom.claim c
      where c.content_hash = a_content and c.recipe_hash = a_recipe and c.facts_hash = a_facts;
    if found then
      return next;
      return;
    end if;
    -- Released between the two looks: look again.
  end loop;
end
$$;
