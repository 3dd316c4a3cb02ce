import { z } from 'zod';
import { ConfigError } from '../../domain/errors.ts';
import { storable } from '../postgres/json.ts';
import { isUuid } from './ids.ts';
import type { Session } from './session.ts';

const nothing = z.object({});

/**
 * Puts tags on an asset as Immich itself does: the tag with those above it and the closure of their tree, `tag_asset`, and
 * `asset_exif.tags` with its lock, out of which extraction rebuilds `tag_asset`. Each statement may be repeated. Immich's own
 * event is not fired, and no sidecar is written before the next edit there. Throws ConfigError BadConfig where the server is
 * older than 2.5, which has no lock for tags.
 */
export async function addTags(
  session: Session,
  id: string,
  tags: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const wanted = [...new Set(tags.map(toValue).filter((value) => value !== ''))];
  if (wanted.length === 0 || !isUuid(id)) return;
  const { layout } = await session.known(signal, 'anew');
  if (!layout.exifTags || !layout.canLock || layout.tagAsset === undefined) throw needsRest();
  for (const level of levelsOf(wanted)) await makeTags(session, level, signal);
  await attach(session, id, wanted, signal);
}

const toValue = (tag: string): string =>
  storable(tag)
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('/');

interface Wanted {
  readonly value: string;
  readonly parent?: string;
}

/** `a/b` needs `a` first. Each level holds each tag once. */
function levelsOf(values: readonly string[]): Wanted[][] {
  const levels: Map<string, Wanted>[] = [];
  for (const value of values) {
    const parts = value.split('/');
    for (const depth of parts.keys()) {
      const tag = parts.slice(0, depth + 1).join('/');
      const parent = parts.slice(0, depth).join('/');
      const level = (levels[depth] ??= new Map<string, Wanted>());
      level.set(tag, { value: tag, ...(parent === '' ? {} : { parent }) });
    }
  }
  return levels.map((level) => [...level.values()]);
}

const makeTags = (session: Session, level: readonly Wanted[], signal: AbortSignal) =>
  session.rows(
    nothing,
    ({ sql, json, owner }) => sql`
      with wanted as (
        select w.value, w.parent from jsonb_to_recordset(${json(level.map((tag) => ({ ...tag })))}::jsonb) as w (value text, parent text)
      ), made as (
        insert into tag ("userId", value, "parentId")
        select ${owner}::uuid, w.value, p.id
        from wanted w left join tag p on p."userId" = ${owner}::uuid and p.value = w.parent
        where not exists (select from tag t where t."userId" = ${owner}::uuid and t.value = w.value)
        on conflict ("userId", value) do update set "parentId" = excluded."parentId"
        returning id, "parentId"
      ), present as (
        select id, "parentId" from made
        union
        select t.id, t."parentId" from tag t join wanted w on w.value = t.value where t."userId" = ${owner}::uuid
      )
      insert into tag_closure (id_ancestor, id_descendant)
      select id, id from present
      union
      select c.id_ancestor, present.id from present join tag_closure c on c.id_descendant = present."parentId"
      on conflict do nothing`,
    signal,
  );

/**
 * The tags that stand in `tag_asset` go into the locked column too: after an upgrade it may still be empty, and the
 * next extraction would take away every tag that is not in it.
 */
const attach = (session: Session, id: string, values: readonly string[], signal: AbortSignal) =>
  session.rows(
    nothing,
    ({ sql, json, owner, layout }) => {
      const [asset, tag] = layout.tagAsset ?? ['assetId', 'tagId'];
      return sql`
      with mine as (
        select a.id from asset a
        where a.id = ${id}::uuid and a."ownerId" = ${owner}::uuid and a.visibility <> 'locked'
      ), chosen as (
        select t.id, t.value from tag t
        where t."userId" = ${owner}::uuid and t.value in (select jsonb_array_elements_text(${json(values)}::jsonb))
      ), put as (
        insert into tag_asset (${sql(asset)}, ${sql(tag)})
        select mine.id, chosen.id from mine cross join chosen
        on conflict do nothing
      )
      insert into asset_exif ("assetId", tags, "lockedProperties")
      select mine.id, array(
          select value from chosen
          union
          select t.value from tag_asset ta join tag t on t.id = ta.${sql(tag)} where ta.${sql(asset)} = mine.id
        )::varchar[], array['tags']::varchar[]
      from mine
      on conflict ("assetId") do update set
        tags = array(select distinct unnest(coalesce(asset_exif.tags, '{}') || excluded.tags)),
        "lockedProperties" = array(
          select distinct unnest(coalesce(asset_exif."lockedProperties", '{}') || excluded."lockedProperties"))
      where not coalesce(asset_exif.tags, '{}') @> excluded.tags`;
    },
    signal,
  );

const needsRest = () =>
  new ConfigError(
    'BadConfig',
    'This Immich is older than 2.5: tags that are put into its database vanish at its next look at the file. ' +
      'Set IMMICH_TAGS=off, upgrade Immich, or use IMMICH_API_URL and IMMICH_API_KEY instead of IMMICH_DB_URL.',
  );

const isThereRow = z.object({ isThere: z.boolean() });

/** Is any photo of this user tagged? Where tags are in no table that we know, none is told of any photo. */
export async function hasTags(session: Session, signal: AbortSignal): Promise<boolean> {
  const [row] = await session.rows(
    isThereRow,
    ({ sql, owner, layout }) => {
      if (layout.tagAsset === undefined) return sql`select false as is_there`;
      const [asset] = layout.tagAsset;
      return sql`
        select exists (
          select from tag_asset ta join asset a on a.id = ta.${sql(asset)} where a."ownerId" = ${owner}::uuid) as is_there`;
    },
    signal,
  );
  return row?.isThere ?? false;
}
