-- A text that was set aside: somebody had it written once more, under the same recipe. Versions are kept.
alter table darkroom.description
  add column superseded timestamptz,
  drop constraint description_content_hash_recipe_hash_facts_hash_key;
create unique index description_current on darkroom.description (content_hash, recipe_hash, facts_hash)
  where superseded is null;

-- What a backfill did, kept when it ends; one with a choice of its own from its first page on, so that it is begun again where
-- Temporal's files are lost. `chosen` is null for a pass through a whole library, `priority` where it has ended before it was kept.
create table darkroom.backfill (
  id text collate "C" primary key,
  workflow_id text not null,
  library text not null,
  chosen jsonb,
  priority integer,
  started timestamptz not null,
  ended timestamptz,
  outcome text not null check (outcome in ('running', 'finished', 'cancelled')),
  reason text,
  progress jsonb
);
create index backfill_ended on darkroom.backfill (ended);
create index backfill_running on darkroom.backfill (started) where outcome = 'running';

-- Photos that a backfill with a choice of its own took, noted before their runs are started, with the text they had then.
create table darkroom.backfill_photo (
  backfill text collate "C" not null,
  asset_id bigint not null references darkroom.asset (id) on delete cascade,
  taken timestamptz not null default now(),
  former_description bigint,
  former_recipe text collate "C",
  primary key (backfill, asset_id)
);

create or replace function darkroom.claim_description(a_content text, a_recipe text, a_facts text, claimant text)
returns table (holder text, known darkroom.description)
language plpgsql as $$
begin
  loop
    select d.* into known from darkroom.description d
      where d.content_hash = a_content and d.recipe_hash = a_recipe and d.facts_hash = a_facts
        and d.superseded is null;
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
          where d.content_hash = a_content and d.recipe_hash = a_recipe and d.facts_hash = a_facts
            and d.superseded is null) then
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

-- What a backfill wrote is set aside, and each of its photos has again the text and the recipe it had before. A function, because
-- one text under a key has to be set aside before the other one counts again. Copies that share a text share its way back.
create function darkroom.roll_back_backfill(a_backfill text) returns bigint
language plpgsql as $$
declare
  photos bigint;
begin
  create temporary table back on commit drop as
    select b.asset_id, b.former_description, b.former_recipe, a.description_id as written
    from darkroom.backfill_photo b join darkroom.asset a on a.id = b.asset_id
    where b.backfill = a_backfill and b.former_description is not null
      and a.description_id is distinct from b.former_description and a.state in ('done', 'parked');
  update darkroom.description d set superseded = now() from back where d.id = back.written and d.superseded is null;
  update darkroom.description d set superseded = null from back
    where d.id = back.former_description and d.superseded is not null;
  delete from darkroom.failure f using back where f.asset_id = back.asset_id;
  update darkroom.asset a
    set state = 'done', description_id = back.former_description, ended_recipe = back.former_recipe, updated = now()
    from back where a.id = back.asset_id;
  get diagnostics photos = row_count;
  return photos;
end
$$;
