import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createImmichDbLibrary, type ImmichDbLibrary } from '../../adapters/immich-db/library.ts';
import { createImmichJobs } from './immich-db-jobs.ts';
import { addPersonRow, faceColumn } from './immich-db-people.ts';
import type { ImmichTables } from './immich-db-tables.ts';
import type { ImmichWorld, WorldAsset } from './immich-world.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export interface ImmichDbWorld extends ImmichWorld {
  readonly library: ImmichDbLibrary;
  readonly partnerId: string;
  /** `library` for another user, or through another role. */
  libraryFor(over: Partial<Parameters<typeof createImmichDbLibrary>[0]>): ImmichDbLibrary;
  /** Where the container's `/data` is here. */
  readonly mediaRoot: string;
  /** The file of its preview here. */
  previewFile(asset: string, isEdited?: boolean): string;
}

/** Two users in Immich's tables; those of other worlds in the same database are strangers. */
export async function makeDbWorld(tables: ImmichTables): Promise<ImmichDbWorld> {
  const { sql, layout } = tables;
  const mediaRoot = join(await makeTemporaryFolder(), 'immich media');
  const me = await addUser(tables, 'Anna');
  const partner = await addUser(tables, 'Ben');
  const jobs = createImmichJobs(tables, me.id);
  const opened: ImmichDbLibrary[] = [];
  const libraryFor: ImmichDbWorld['libraryFor'] = (over) => {
    const media = [{ theirs: '/data', ours: mediaRoot }];
    const library = createImmichDbLibrary({ url: tables.urlFor(), userEmail: me.email, media, ...over });
    opened.push(library);
    return library;
  };
  const theirFile = (asset: string, isEdited = false): string => {
    // Before 2.5 a dash stood there, and old files keep their name (reference, 4.1).
    const name =
      layout === '3.2'
        ? `${asset}_preview${isEdited ? '_edited' : ''}`
        : `${asset}-preview${isEdited ? '_edited' : ''}`;
    return `/data/thumbs/${me.id}/${asset.slice(0, 2)}/${asset.slice(2, 4)}/${name}.jpeg`;
  };
  const previewFile = (asset: string, isEdited?: boolean) =>
    join(mediaRoot, theirFile(asset, isEdited).slice('/data/'.length));
  const putPreview = async (asset: string, bytes: Buffer, isEdited = false) => {
    const file = previewFile(asset, isEdited);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
    await sql`insert into asset_file ("assetId", type, path, "isEdited")
      values (${asset}, 'preview', ${theirFile(asset, isEdited)}, ${isEdited})
      on conflict ("assetId", type, "isEdited") do update set path = excluded.path`;
  };
  await mkdir(join(mediaRoot, 'thumbs'), { recursive: true });
  return {
    library: libraryFor({}),
    libraryFor,
    mediaRoot,
    previewFile,
    userId: me.id,
    userName: 'Anna',
    partnerId: partner.id,
    version: layout === '3.2' ? '3.2.2' : '3.1.0',
    async addAsset(asset = {}) {
      const id = await addAssetRow(tables, asset, asset.owner === 'partner' ? partner.id : me.id);
      jobs.fileHolds(id, asset.description ?? '');
      if (asset.preview !== null) await putPreview(id, asset.preview ?? Buffer.from(`preview of ${id}`));
      if (asset.editedPreview !== undefined) await putPreview(id, asset.editedPreview, true);
      return id;
    },
    addPerson: (person) => addPersonRow(tables, me.id, person),
    async recognise(person, assets) {
      for (const asset of assets) {
        await sql`insert into asset_face ("assetId", ${sql(faceColumn(layout))}) values (${asset}, ${person})`;
      }
    },
    async renamePerson(person, name) {
      const id = layout === '3.2' ? sql`"personGroupId"` : sql`id`;
      await sql`update person set name = ${name} where ${id} = ${person} and "ownerId" = ${me.id}`;
    },
    async addAlbum({ name, assets }) {
      const owner = layout === '3.2' ? {} : { ownerId: me.id };
      const id = randomUUID();
      await sql`insert into album ${sql({ id, albumName: name, ...owner })}`;
      if (layout === '3.2')
        await sql`insert into album_user ("albumId", "userId", role) values (${id}, ${me.id}, 'owner')`;
      for (const asset of assets) await sql`insert into album_asset ("albumId", "assetId") values (${id}, ${asset})`;
      return id;
    },
    tag: (asset, tags) => jobs.tagByPerson(asset, tags),
    async tagsOf(asset) {
      const rows =
        await sql`select t.value from tag_asset ta join tag t on t.id = ta."tagId" where ta."assetId" = ${asset}`;
      return rows.map((row) => String(row['value']));
    },
    editByPerson: (asset, text) => jobs.editByPerson(asset, text),
    async descriptionOf(asset) {
      const [row] = await sql`select description from asset_exif where "assetId" = ${asset}`;
      return String(row?.['description'] ?? '');
    },
    makePreview: (asset, bytes) => putPreview(asset, bytes),
    async trash(asset) {
      await sql`update asset set "deletedAt" = now(), status = 'trashed' where id = ${asset}`;
    },
    async remove(asset) {
      await sql`delete from asset where id = ${asset}`;
    },
    settle: () => jobs.settle(),
    async close() {
      await Promise.all(opened.map((library) => library.close()));
      await rm(dirname(mediaRoot), { recursive: true, force: true });
    },
  };
}

async function addUser({ sql, layout }: ImmichTables, name: string): Promise<{ id: string; email: string }> {
  const id = randomUUID();
  const email = `${name.toLowerCase()}.${id}@example.org`;
  if (layout === '3.2') {
    await sql`with made as (insert into cluster_group (name) values (null) returning id)
      insert into "user" (id, email, name, "clusterGroupId") select ${id}, ${email}, ${name}, made.id from made`;
  } else await sql`insert into "user" (id, email, name) values (${id}, ${email}, ${name})`;
  return { id, email };
}

let taken = Date.UTC(2023, 0, 1);

/** As an upload leaves it, or as the extraction of metadata does. */
async function addAssetRow({ sql }: ImmichTables, asset: WorldAsset, owner: string): Promise<string> {
  const { id = randomUUID(), type = 'IMAGE', isRead = true, createdAt = Date.UTC(2025, 0, 1) } = asset;
  const fileCreatedAt = asset.fileCreatedAt ?? (taken += 61_000);
  const at = (ms: number) => new Date(ms).toISOString();
  const libraryId = asset.isExternal === true ? await addExternalLibrary(sql, owner) : null;
  const row = {
    id,
    ownerId: owner,
    type,
    libraryId,
    originalPath: `/data/upload/${owner}/${id}.jpg`,
    originalFileName: asset.originalFileName ?? 'IMG_0001.jpg',
    fileCreatedAt: at(fileCreatedAt),
    fileModifiedAt: at(asset.fileModifiedAt ?? fileCreatedAt),
    localDateTime: at(asset.localDateTime ?? fileCreatedAt),
    createdAt: at(createdAt),
    checksum: randomBytes(20),
    checksumAlgorithm: libraryId === null ? 'sha1' : 'sha1-path',
    visibility: asset.visibility ?? 'timeline',
    isOffline: asset.isOffline ?? false,
    isExternal: asset.isExternal ?? false,
    isEdited: asset.editedPreview !== undefined,
  };
  await sql`insert into asset ${sql(row)}`;
  const read = { ...asset.exif, description: asset.description ?? '', dateTimeOriginal: at(fileCreatedAt) };
  const exif = { assetId: id, fileSizeInByte: asset.fileBytes ?? 1_000_000, ...(isRead ? read : {}) };
  await sql`insert into asset_exif ${sql(exif)}`;
  await sql`insert into asset_job_status ("assetId", "metadataExtractedAt") values (${id}, ${isRead ? at(createdAt) : null})`;
  return id;
}

async function addExternalLibrary(sql: ImmichTables['sql'], owner: string): Promise<string> {
  const id = randomUUID();
  await sql`insert into library (id, name, "ownerId", "importPaths", "exclusionPatterns")
    values (${id}, 'External', ${owner}, '{/mnt/photos}', '{}')`;
  return id;
}
