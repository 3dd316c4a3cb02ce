import type { ImmichTables } from './immich-db-tables.ts';

/** What Immich 2.5 and newer does in its tables when a person edits, and in its own jobs afterwards (reference, 3.1, 3.2). */
export interface ImmichJobs {
  /** The description that the photo's file, or the sidecar beside it, has. */
  fileHolds(asset: string, description: string): void;
  editByPerson(asset: string, text: string): Promise<void>;
  tagByPerson(asset: string, tags: readonly string[]): Promise<void>;
  /** Writes the sidecars that wait, and reads every file of this user again. */
  settle(): Promise<void>;
}

interface FileText {
  description: string;
  tags: readonly string[];
}

export function createImmichJobs({ sql }: ImmichTables, owner: string): ImmichJobs {
  const files = new Map<string, FileText>();
  const sidecars = new Set<string>();
  const fileOf = (asset: string): FileText => files.get(asset) ?? { description: '', tags: [] };

  async function lock(asset: string, property: string): Promise<void> {
    await sql`update asset_exif set "lockedProperties" =
      array(select distinct unnest(coalesce("lockedProperties", '{}') || array[${property}]::varchar[])) where "assetId" = ${asset}`;
    sidecars.add(asset);
  }

  /** Into the sidecar goes what is locked, and then it is locked no longer. */
  async function writeSidecar(asset: string): Promise<void> {
    const [row] = await sql`select description, to_jsonb(coalesce(tags, '{}')) as tags,
      to_jsonb(coalesce("lockedProperties", '{}')) as locked from asset_exif where "assetId" = ${asset}`;
    if (row === undefined) return;
    const { description, tags, locked } = row;
    const file = { ...fileOf(asset) };
    if (locked.includes('description')) file.description = description;
    if (locked.includes('tags')) file.tags = tags;
    files.set(asset, file);
    await sql`update asset_exif set "lockedProperties" = null where "assetId" = ${asset}`;
  }

  async function readFile(asset: string): Promise<void> {
    const { description, tags } = fileOf(asset);
    await sql`
      insert into asset_exif ("assetId", description, tags)
      values (${asset}, ${description.trim()}, array(select jsonb_array_elements_text(${sql.json(tags)}::jsonb))::varchar[])
      on conflict ("assetId") do update set
        description = case when 'description' = any(asset_exif."lockedProperties")
          then asset_exif.description else excluded.description end,
        tags = case when 'tags' = any(asset_exif."lockedProperties") then asset_exif.tags else excluded.tags end`;
    await sql`delete from tag_asset where "assetId" = ${asset}`;
    await sql`insert into tag_asset ("assetId", "tagId")
      select e."assetId", t.id from asset_exif e join tag t on t.value = any(e.tags) and t."userId" = ${owner}
      where e."assetId" = ${asset}`;
  }

  async function makeTag(value: string): Promise<string> {
    const above = value.includes('/') ? await makeTag(value.slice(0, value.lastIndexOf('/'))) : null;
    const [row] = await sql`insert into tag ("userId", value, "parentId") values (${owner}, ${value}, ${above})
      on conflict ("userId", value) do update set "parentId" = excluded."parentId" returning id`;
    const id = String(row?.['id']);
    await sql`insert into tag_closure (id_ancestor, id_descendant)
      select ${id}::uuid, ${id}::uuid union select id_ancestor, ${id}::uuid from tag_closure where id_descendant = ${above}
      on conflict do nothing`;
    return id;
  }

  return {
    fileHolds: (asset, description) => void files.set(asset, { ...fileOf(asset), description }),
    async editByPerson(asset, text) {
      await sql`update asset_exif set description = ${text} where "assetId" = ${asset}`;
      await lock(asset, 'description');
    },
    async tagByPerson(asset, tags) {
      for (const tag of tags) {
        await sql`insert into tag_asset ("assetId", "tagId") values (${asset}, ${await makeTag(tag)}) on conflict do nothing`;
      }
      await sql`update asset_exif set tags = array(
        select t.value from tag_asset ta join tag t on t.id = ta."tagId" where ta."assetId" = ${asset}) where "assetId" = ${asset}`;
      await lock(asset, 'tags');
    },
    async settle() {
      for (const asset of sidecars) await writeSidecar(asset);
      sidecars.clear();
      const rows = await sql`select j."assetId" as id from asset_job_status j join asset a on a.id = j."assetId"
        where a."ownerId" = ${owner} and j."metadataExtractedAt" is not null`;
      for (const { id } of rows) await readFile(id);
    },
  };
}
