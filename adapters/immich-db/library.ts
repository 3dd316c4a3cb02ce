import { z } from 'zod';
import type { ImmichAccount, ImmichAsset, ImmichLibrary } from '../../domain/immich.ts';
import { connect } from '../postgres/connection.ts';
import { readAccount } from './account.ts';
import { immichAddress } from './address.ts';
import { assetOf, assetRow, selectAssets } from './asset-rows.ts';
import { type ChangedAssets, changedSince } from './changed-since.ts';
import { writeDescription } from './description.ts';
import { isUuid } from './ids.ts';
import { createMedia, type Media, type MediaFolder } from './media.ts';
import { albumsOf, listAlbums, listPeople } from './names.ts';
import { readPage } from './page.ts';
import { readProvenance, writeProvenance } from './provenance.ts';
import { createSession, type Session } from './session.ts';
import { addTags, hasTags } from './tags.ts';

export interface ImmichDbOptions {
  /** IMMICH_DB_URL, with the TLS parameters of libpq (address.ts). */
  readonly url: string;
  /** The user whose photos these are: the e-mail address (IMMICH_DB_USERS) or the id. */
  readonly userEmail: string;
  /** IMMICH_MEDIA_MAP. */
  readonly media: readonly MediaFolder[];
  /** Connections at most; Immich's own server takes ten of the hundred that Postgres has by default. */
  readonly connections?: number;
  /** Milliseconds that one statement may take. */
  readonly limitMs?: number;
  /** What a person should know although it is no error. */
  readonly log?: (message: string) => void;
}

export interface ImmichDbLibrary extends ImmichLibrary {
  /** Assets with a new preview, all users' files seen, this user's told: a hint for a poller (changed-since.ts). */
  changedSince(cursor: string | undefined, options: { limit: number; signal: AbortSignal }): Promise<ChangedAssets>;
}

/**
 * One user's photos through Immich's own database and media folder. Immich does not support this: its tables may change with
 * any version. Nothing is made in its database, no table, no trigger; of its rows only descriptions, tags and asset metadata
 * are written. Opens nothing yet. Throws ConfigError BadConfig where the address is wrong.
 */
export function createImmichDbLibrary({
  url,
  userEmail,
  media,
  connections = 4,
  limitMs = 15_000,
  log = () => {},
}: ImmichDbOptions): ImmichDbLibrary {
  const database = connect(immichAddress(url), { max: connections, limitMs });
  const session = createSession({ database, user: userEmail });
  const files = createMedia(media);
  let isTold = false;

  async function account(signal: AbortSignal): Promise<ImmichAccount> {
    const found = await readAccount(session, signal);
    if (!isTold) log(unsupported);
    isTold = true;
    return found;
  }

  return {
    async ping(signal) {
      await session.raw(z.object({}), (sql) => sql`select`, signal);
    },
    account,
    page: (input) => readPage(session, input),
    asset: (id, signal) => readAsset(session, id, signal),
    preview: (asset, signal) => readPreview(session, files, asset, signal),
    writeDescription: (input) => writeDescription(session, input),
    provenance: (id, signal) => readProvenance(session, id, signal),
    writeProvenance: (items, signal) => writeProvenance(session, items, signal),
    albumsOf: (id, signal) => albumsOf(session, id, signal),
    albums: (signal) => listAlbums(session, signal),
    people: (signal) => listPeople(session, signal),
    hasTags: (signal) => hasTags(session, signal),
    addTags: (id, tags, signal) => addTags(session, id, tags, signal),
    changedSince: (cursor, options) => changedSince(session, cursor, options),
    close: () => database.close(),
  };
}

const unsupported =
  "IMMICH_DB_URL is set: Immich's own database is read and written, which Immich does not support. Any upgrade of Immich may " +
  'end it; IMMICH_API_URL is the supported way (docs/immich-database.md).';

/** What is in the locked folder is out of reach, as it is for a key. */
async function readAsset(session: Session, id: string, signal: AbortSignal): Promise<ImmichAsset | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await session.rows(
    assetRow,
    (parts) =>
      selectAssets(
        parts,
        parts.sql`select a.id from asset a
          where a.id = ${id}::uuid and a."ownerId" = ${parts.owner}::uuid and a.visibility <> 'locked'`,
      ),
    signal,
  );
  return row === undefined ? undefined : assetOf(row);
}

const pathRow = z.object({ path: z.string() });

async function readPreview(
  session: Session,
  files: Media,
  { id, isEdited }: Pick<ImmichAsset, 'id' | 'isEdited'>,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await session.rows(
    pathRow,
    ({ sql, owner, layout }) => sql`
      select f.path from asset_file f join asset a on a.id = f."assetId"
      where a.id = ${id}::uuid and a."ownerId" = ${owner}::uuid and a.visibility <> 'locked' and f.type = 'preview'
        ${layout.edits ? sql`and f."isEdited" = ${isEdited}` : sql``}`,
    signal,
  );
  return row === undefined ? undefined : await files.read(row.path, signal);
}
