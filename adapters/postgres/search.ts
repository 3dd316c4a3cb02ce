import { z } from 'zod';
import { foldName } from '../../domain/person.ts';
import { type FoundPhoto, namesWord, type PhotoPage, type PhotoQuery, type PhotoSearch } from '../../domain/search.ts';
import type { Database, Sql } from './connection.ts';
import { storable } from './json.ts';
import { assetState, id, isId } from './rows.ts';
import { countUnsearchable, fillSearch } from './search-fill.ts';
import { asked, eachOut, hits, shownOn, type Term, type Terms } from './search-terms.ts';

const personRow = z.object({ personId: id, name: z.string(), folded: z.string() });
const photoRow = z.object({
  assetId: id,
  library: z.string(),
  path: z.string(),
  root: z.string(),
  kind: z.enum(['folder', 'immich']),
  state: assetState,
  takenAt: z.string().nullable(),
  description: z.string().nullable(),
  snippet: z.string().nullable(),
  people: z.array(z.object({ personId: id, name: z.string() })),
});

/** Words of descriptions in Postgres' own full-text search (migrations/0010_search.sql). Give it a pool with a longer limit. */
export function createPhotoSearch({ database }: { database: Database }): PhotoSearch {
  const named = async (): Promise<readonly z.output<typeof personRow>[]> =>
    await database.rows(
      personRow,
      (sql) => sql`
        select id as person_id, name, name_folded as folded from darkroom.person
        where name is not null and merged_into is null order by name_folded`,
    );
  return {
    async find(query) {
      const { wanted = [], unwanted = [] } = query.terms ?? {};
      // Few have a name, and most words are nobody's: those of a name are looked for among faces too.
      const hasTerms = wanted.length + unwanted.length > 0;
      const [people, configs] = await Promise.all([hasTerms ? named() : [], configsInUse(database)]);
      const meant = (term: string): Term => ({
        term,
        personIds: people.filter(({ folded }) => namesWord(folded, term)).map(({ personId }) => personId),
      });
      return await page(database, query, { wanted: wanted.map(meant), unwanted: unwanted.map(meant), configs });
    },

    async peopleNamed(name) {
      const people = await named();
      const exact = people.filter(({ folded }) => folded === foldName(name));
      const found = exact.length > 0 ? exact : people.filter(({ folded }) => namesWord(folded, name));
      return found.map(({ personId, name: whole }) => ({ personId, name: whole }));
    },

    fill: async (limit) => await fillSearch(database, limit),
    unsearchable: async () => await countUnsearchable(database),
  };
}

/** The few languages that recipes ask for, and the one for all others. */
async function configsInUse(database: Database): Promise<readonly string[]> {
  const rows = await database.rows(
    z.object({ config: z.string() }),
    (sql) => sql`
      select distinct darkroom.search_config(r.body ->> 'language') as config from darkroom.recipe r
      union select 'simple'`,
  );
  return rows.map(({ config }) => config);
}

async function page(database: Database, query: PhotoQuery, terms: Terms): Promise<PhotoPage> {
  const { limit, after } = query;
  const byDate = terms.wanted.length > 0 || query.people !== undefined;
  const order = (sql: Sql) => (byDate ? sql`taken_at desc nulls last, asset_id desc` : sql`asset_id`);
  const rows = await database.rows(
    photoRow,
    (sql, json) => sql`
      with fitting as (
        select a.id as asset_id, a.content_hash, a.description_id, a.state, a.path, l.name as library, l.root, l.kind,
          ${takenAt(sql)} as taken_at
        from darkroom.asset a
          join darkroom.library l on l.id = a.library_id
          left join darkroom.content c on c.hash = a.content_hash
        where true ${narrowed(sql, query)} ${terms.wanted.length === 0 ? sql`` : sql`and a.id in (${hits(sql, json, terms)})`}
          ${terms.unwanted.length === 0 ? sql`` : eachOut(sql, json, terms)}
          ${query.people === undefined ? sql`` : sql`and a.id in (${shownOn(sql, json, terms.configs, query.people)})`}
      ), page as (
        select * from fitting where true ${behind(sql, byDate, after)} order by ${order(sql)} limit ${limit + 1}
      )
      select p.*, d.text as description, ${snippet(sql, terms)} as snippet, ${peopleOn(sql)} as people
      from page p
        left join darkroom.description d on d.id = p.description_id
        left join darkroom.description_words w on w.description_id = d.id
      order by ${order(sql)}`,
  );
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    photos: shown.map(photoOf),
    ...(last !== undefined && {
      next: { assetId: last.assetId, ...(byDate && { takenAt: last.takenAt }) },
    }),
  };
}

/** Immich keeps the dates of its photos; ours know those of photos that were written there. */
const takenAt = (sql: Sql) => sql`
  coalesce(c.taken_at, (
    select to_char(max(b.taken) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') from darkroom.publication b where b.asset_id = a.id))`;

const narrowed = (sql: Sql, { library, state, assetId, takenFrom, takenBefore }: PhotoQuery) => sql`
  ${assetId === undefined ? sql`` : sql`and a.id = ${isId(assetId) ? assetId : '0'}`}
  ${library === undefined ? sql`` : sql`and l.name = ${storable(library)}`}
  ${state !== undefined ? sql`and a.state = ${state}` : assetId === undefined ? sql`and a.state <> 'gone'` : sql``}
  ${takenFrom === undefined ? sql`` : sql`and ${takenAt(sql)} >= ${storable(takenFrom)}`}
  ${takenBefore === undefined ? sql`` : sql`and ${takenAt(sql)} < ${storable(takenBefore)}`}`;

function behind(sql: Sql, byDate: boolean, after: PhotoQuery['after']) {
  if (after === undefined) return sql``;
  const last = isId(after.assetId) ? after.assetId : '0';
  if (!byDate) return sql`and asset_id > ${last}`;
  if (after.takenAt === undefined || after.takenAt === null) return sql`and taken_at is null and asset_id < ${last}`;
  const at = storable(after.takenAt);
  return sql`and (taken_at < ${at} or taken_at is null or taken_at = ${at} and asset_id < ${last})`;
}

/** The best part of the text, without marks in it; all of a short one, as such a part begins at a word that counts. */
function snippet(sql: Sql, { wanted }: Terms) {
  if (wanted.length === 0) return sql`null`;
  const terms = wanted.map(({ term }) => term);
  return sql`(
    select case when length(d.text) <= 160 then d.text else ts_headline(k.config::regconfig, left(d.text, 10000), ${asked(sql, sql`k.config`, terms, '||')},
      'StartSel="", StopSel="", MaxFragments=2, FragmentDelimiter=" … ", MaxWords=24, MinWords=10') end
    from (select coalesce(w.config, 'simple') as config) k)`;
}

const peopleOn = (sql: Sql) => sql`
  coalesce((
    select jsonb_agg(jsonb_build_object('personId', n.id::text, 'name', n.name) order by n.name_folded)
    from darkroom.person n
    where n.name is not null and not n.hidden and n.id in (
      select f.person_id from darkroom.face_detection f where f.content_hash = p.content_hash and f.person_id is not null)), '[]')`;

function photoOf(row: z.output<typeof photoRow>): FoundPhoto {
  const { assetId, library, path, root, kind, state, takenAt: at, description, snippet: part, people } = row;
  return {
    asset: { assetId, library, path },
    root,
    ...(kind === 'immich' && { kind }),
    state,
    ...(at !== null && { takenAt: at }),
    ...(description !== null && { description }),
    ...(part !== null && part !== '' && { snippet: part }),
    people,
  };
}
