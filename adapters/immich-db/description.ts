import { z } from 'zod';
import { ConfigError } from '../../domain/errors.ts';
import type { ImmichLibrary } from '../../domain/immich.ts';
import { storable } from '../postgres/json.ts';
import { isUuid } from './ids.ts';
import type { Session } from './session.ts';

const resultRow = z.object({ found: z.boolean(), written: z.boolean() });

/** What JavaScript's `trim` takes off; Postgres' `btrim` takes off blanks only, unless told. */
const blanks = ' \t\n\v\f\r\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'.replace(
  '\u2000-\u200a',
  Array.from({ length: 11 }, (_, at) => String.fromCodePoint(0x2000 + at)).join(''),
);

/**
 * Compare and set in one statement: the row's lock makes it see what another connection has just committed. `lockedProperties`
 * keeps the text through Immich's next extraction of metadata (2.4 and newer). A field that holds this very text already
 * is a try of ours whose answer was lost.
 */
export async function writeDescription(
  session: Session,
  { id, text, seen, signal }: Parameters<ImmichLibrary['writeDescription']>[0],
): Promise<'written' | 'differs' | 'gone'> {
  if (!isUuid(id)) return 'gone';
  await mustLock(session, signal);
  const field = storable(text);
  const [result] = await session.rows(
    resultRow,
    ({ sql, owner }) => sql`
      with mine as (
        select a.id from asset a
        where a.id = ${id}::uuid and a."ownerId" = ${owner}::uuid and a.visibility <> 'locked'
      ), put as (
        insert into asset_exif ("assetId", description, "lockedProperties")
        select mine.id, ${field}, array['description']::varchar[] from mine
        on conflict ("assetId") do update set
          description = excluded.description,
          "lockedProperties" = array(
            select distinct unnest(coalesce(asset_exif."lockedProperties", '{}') || excluded."lockedProperties"))
        where btrim(asset_exif.description, ${blanks}) in ('', ${storable(seen).trim()}, ${field.trim()})
        returning 1
      )
      select exists (select from mine) as found, exists (select from put) as written`,
    signal,
  );
  if (result?.found !== true) return 'gone';
  return result.written ? 'written' : 'differs';
}

/** Looked at anew before it is refused: the upgrade may have been a minute ago. */
export async function mustLock(session: Session, signal: AbortSignal): Promise<void> {
  if ((await session.known(signal)).layout.canLock) return;
  if ((await session.known(signal, 'anew')).layout.canLock) return;
  throw new ConfigError(
    'BadConfig',
    'This Immich is older than 2.4: it would wipe whatever is written into its database at its next look at the file. ' +
      'Upgrade Immich, or use IMMICH_API_URL and IMMICH_API_KEY instead of IMMICH_DB_URL.',
  );
}
