import type { NamedPerson } from '../../domain/person.ts';
import type { ToldPeople } from '../../domain/person-store.ts';
import type { Database } from './connection.ts';
import { namedPersonOf, namedRow, peopleOn } from './person-rows.ts';
import { isId } from './rows.ts';

/** Names for prompts, and the mark that says that a text was told others (migrations/0011_people_changed.sql). */
export function createToldPeople({ database }: { database: Database }): ToldPeople {
  return {
    async tell({ assetId, contentHash, model }): Promise<readonly NamedPerson[]> {
      const rows = await database.rows(
        namedRow,
        // A name that is given between this look and the update marks the photo at another moment: that mark stays.
        (sql) => sql`
          with seen as materialized (
            select a.id, a.people_changed from darkroom.asset a where a.id = ${isId(assetId) ? assetId : '0'}
          ), told as (
            update darkroom.asset a set people_changed = null from seen, darkroom.library l
            -- What an Immich says of its people marks its photos: its mark is not ours to take off.
            where a.id = seen.id and a.people_changed = seen.people_changed and l.id = a.library_id and l.kind = 'folder'
          )
          ${peopleOn(sql, { contentHash, model })}`,
      );
      return rows.map(namedPersonOf);
    },
  };
}
