import picomatch from 'picomatch';
import type { SelectionScope } from '../../domain/backfill-store.ts';
import type { PhotoSelection, Which } from '../../domain/selection.ts';
import type { Sql, Statement } from './connection.ts';
import { storable } from './json.ts';
import { isId } from './rows.ts';

type Json = Parameters<Statement>[1];

/** From all photos of the library (`a`), with what is known of them, those of the selection; without its glob. */
export const chosenFrom = (sql: Sql, json: Json, selection: PhotoSelection, scope: SelectionScope) => sql`
  from darkroom.asset a
    join darkroom.library l on l.id = a.library_id
    left join darkroom.content c on c.hash = a.content_hash
    left join darkroom.description d on d.id = a.description_id
  where l.name = ${storable(scope.library)} and ${whichOf(sql, selection.which, scope)} ${filters(sql, json, selection, scope)}`;

/** As `needsRun` in domain/needs-run.ts decides for a file that is as it was. */
function whichOf(sql: Sql, which: Which, { wantedHash, among }: SelectionScope) {
  const undone = sql`a.state in ('new', 'open', 'waiting'${among === undefined ? sql`` : sql`, 'skipped', 'gone'`})`;
  if (which.kind === 'wanted') {
    return sql`(${undone}
      or a.state = 'done' and a.ended_recipe is distinct from ${wantedHash}
      or a.state = 'parked' and a.ended_recipe <> ${wantedHash})`;
  }
  if (which.kind === 'faceless') {
    return sql`(a.state = 'done' or ${undone}) and not exists (
      select from darkroom.face_detection f
      where f.content_hash = a.content_hash and f.model = ${storable(which.faceModel)} and f.source = 'model' and f.is_first)`;
  }
  // Those that a backfill has taken are open, until it is seen what has become of them.
  const described = sql`a.state in ('done', 'open', 'waiting')`;
  if (which.kind === 'undescribed') return sql`${undone} and a.description_id is null`;
  if (which.kind === 'parked') {
    // One that is tried again is open, and its failure stands until that has ended.
    return sql`a.state in ('parked', 'open', 'waiting') and exists (
      select from darkroom.failure f where f.asset_id = a.id
        ${which.code === undefined ? sql`` : sql`and lower(f.code) = ${storable(which.code).toLowerCase()}`})`;
  }
  if ('recipe' in which) return sql`${described} and starts_with(d.recipe_hash, ${storable(which.recipe)})`;
  if ('model' in which) return sql`${described} and d.model = ${storable(which.model)}`;
  if ('people' in which) return sql`${described} and a.people_changed is not null`;
  return sql`${described} and exists (
    select from darkroom.backfill_photo w
    where w.backfill = ${storable(which.backfill)} and w.asset_id = a.id
      and w.former_description is distinct from a.description_id)`;
}

const filters = (sql: Sql, json: Json, selection: PhotoSelection, { among }: SelectionScope) => sql`
  ${selection.folder === undefined ? sql`` : sql`and starts_with(a.path, ${storable(selection.folder)})`}
  ${among === undefined ? byCapture(sql, json, selection) : amongThese(sql, json, among)}`;

/** What a camera wrote as local time compares as text, as far as it is said: 2024-05 is before 2024-05-01T00:00:00. */
const byCapture = (sql: Sql, json: Json, { takenFrom, takenBefore, camera, albums, people }: PhotoSelection) => sql`
  ${takenFrom === undefined ? sql`` : sql`and c.taken_at >= ${storable(takenFrom)}`}
  ${takenBefore === undefined ? sql`` : sql`and c.taken_at < ${storable(takenBefore)}`}
  ${camera === undefined ? sql`` : sql`and strpos(lower(c.camera), ${storable(camera).toLowerCase()}) > 0`}
  -- Our rows know of none. Never all photos instead.
  ${albums === undefined ? sql`` : sql`and false`}
  ${people === undefined ? sql`` : withFacesOf(sql, json, people)}`;

/** Whom our own faces show, by the ids of our people or of those who were merged into them. An Immich has people of its own. */
const withFacesOf = (sql: Sql, json: Json, people: readonly { readonly id: string }[]) => sql`
  and l.kind = 'folder' and a.content_hash in (
    select f.content_hash from darkroom.face_detection f where f.person_id in (
      select darkroom.heir(i::bigint) from jsonb_array_elements_text(${json(people.map(({ id }) => id).filter(isId))}) as i))`;

const amongThese = (sql: Sql, json: Json, among: readonly string[]) => sql`
  and a.id in (select i::bigint from jsonb_array_elements_text(${json(among.filter(isId))}) as i)`;

/** Does the glob match a path below the root? Without a slash it is one for the name, at any depth, as in DARKROOM_IGNORE. */
export function globMatcher(glob: string | undefined): (path: string) => boolean {
  if (glob === undefined) return () => true;
  const matches = picomatch(glob.replace(/^\/+/, ''), { dot: true, nocase: true });
  return glob.includes('/') ? (path) => matches(path) : (path) => matches(path.slice(path.lastIndexOf('/') + 1));
}
