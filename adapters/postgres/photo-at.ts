import { z } from 'zod';
import { fileName } from '../../domain/asset.ts';
import type { PhotoAt } from '../../domain/face-store.ts';
import type { Database } from './connection.ts';
import { storable } from './json.ts';
import { assetState, id } from './rows.ts';

const placeRow = z.object({
  id: id.nullable(),
  path: z.string().nullable(),
  state: assetState.nullable(),
  contentHash: z.string().nullable(),
});

/** Photos by the path that they are shown with below their library; those of an Immich by their id there, too. */
export function createPhotoAt({ database }: { database: Database }): PhotoAt {
  return async (library, shownPath) => {
    // What no row can hold is the path of none: nothing is left out of it to find one.
    const path = storable(shownPath) === shownPath ? shownPath : '';
    const rows = await database.rows(
      placeRow,
      (sql) => sql`
        select a.id, a.path, a.state, a.content_hash
        from darkroom.library l
          left join darkroom.asset a on a.library_id = l.id and (
            split_part(a.path, '/', -1) = ${fileName(path)} and a.path = ${path}
            or l.kind = 'immich' and sha256(a.raw_path) = sha256(convert_to(${path}, 'UTF8')))
        where l.name = ${storable(library)}
        order by a.id limit 1`,
    );
    const [row] = rows;
    if (row === undefined) return 'no library';
    const { id: assetId, path: found, state, contentHash } = row;
    if (assetId === null || found === null || state === null) return 'no photo';
    return { asset: { assetId, library, path: found }, state, ...(contentHash !== null && { contentHash }) };
  };
}
