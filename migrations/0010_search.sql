-- Search over descriptions. The words of each stand in a table of their own: as a column they would make the rows of descriptions,
-- which status counts, several times as wide. No row is touched here: what was described before is gone through afterwards, newest
-- first, by the engine (adapters/postgres/search.ts), as 1,000,000 texts would take minutes.

-- Names of configurations, as Postgres 14 has them, by the language of a recipe: `de`, `de-AT`, `pt_BR`, `German`. Text and not
-- regconfig: pg_upgrade refuses tables with one.
create function darkroom.search_config(language text) returns text language sql immutable as $$
  select coalesce(
    (select c.config from (values
      ('ar', 'arabic'), ('ca', 'catalan'), ('da', 'danish'), ('de', 'german'), ('el', 'greek'), ('en', 'english'), ('es', 'spanish'),
      ('eu', 'basque'), ('fi', 'finnish'), ('fr', 'french'), ('ga', 'irish'), ('hi', 'hindi'), ('hu', 'hungarian'),
      ('hy', 'armenian'), ('id', 'indonesian'), ('it', 'italian'), ('lt', 'lithuanian'), ('nb', 'norwegian'), ('ne', 'nepali'),
      ('nl', 'dutch'), ('nn', 'norwegian'), ('no', 'norwegian'), ('pt', 'portuguese'), ('ro', 'romanian'), ('ru', 'russian'),
      ('sr', 'serbian'), ('sv', 'swedish'), ('ta', 'tamil'), ('tr', 'turkish'), ('yi', 'yiddish')) as c(code, config)
      where lower(language) in (c.code, c.config) or lower(language) ~ ('^' || c.code || '[-_]')),
    'simple')
$$;

-- Chinese and Japanese have no blanks between words, and no configuration knows them: each character is a word there, and a word
-- that is searched for is a phrase of these.
create function darkroom.search_spaced(text text) returns text language sql immutable as $$
  select regexp_replace(text, '([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])', ' \1 ', 'g')
$$;

create table darkroom.description_words (
  description_id bigint primary key references darkroom.description (id) on delete cascade,
  config text collate "C" not null,
  words tsvector not null
);
create index description_words_words on darkroom.description_words using gin (words);
-- From a text to the photos that it is of.
create index asset_description on darkroom.asset (description_id) where description_id is not null;

-- A tsvector ends at 1 MB.
create function darkroom.add_words(d darkroom.description) returns void language sql as $$
  insert into darkroom.description_words (description_id, config, words)
  select d.id, c.config, to_tsvector(c.config::regconfig, darkroom.search_spaced(
    left(concat_ws(' ', d.text, array_to_string(d.tags, ' '), d.text_in_image), 100000)))
  from (select darkroom.search_config((select r.body ->> 'language' from darkroom.recipe r where r.hash = d.recipe_hash)) as config) c
  on conflict do nothing
$$;

create function darkroom.add_words_of_new() returns trigger language plpgsql as $$
begin
  perform darkroom.add_words(new);
  return null;
exception when others then
  -- A text that nobody finds is still the answer that was paid for.
  raise warning 'description % cannot be searched: %', new.id, sqlerrm;
  return null;
end
$$;
create trigger description_words after insert on darkroom.description
  for each row execute function darkroom.add_words_of_new();

-- Those below this id are still to be gone through. The row goes when none is left.
insert into darkroom.control (key, value)
select 'search', jsonb_build_object('before', max(d.id) + 1) from darkroom.description d having max(d.id) is not null;
