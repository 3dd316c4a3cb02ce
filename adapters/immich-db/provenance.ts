import { z } from 'zod';
import type { Provenance } from '../../domain/immich.ts';
import type { Json } from '../postgres/json.ts';
import { mustLock } from './description.ts';
import { isUuid } from './ids.ts';
import type { Session } from './session.ts';

const key = 'darkroom';

const provenance = z.object({
  recipe: z.string(),
  model: z.string(),
  textSha: z.string(),
  partSha: z.string().optional(),
  at: z.string(),
});
/** Anybody may write here by REST; what is none of ours is nothing. */
const provenanceRow = z.object({ value: provenance.nullable().catch(null) });

/** Undefined where nothing of ours is left beside the asset's text. */
export async function readProvenance(
  session: Session,
  id: string,
  signal: AbortSignal,
): Promise<Provenance | undefined> {
  if (!isUuid(id) || !(await session.known(signal)).layout.metadata) return undefined;
  const [row] = await session.rows(
    provenanceRow,
    ({ sql, owner }) => sql`
      select m.value from asset_metadata m join asset a on a.id = m."assetId"
      where a.id = ${id}::uuid and a."ownerId" = ${owner}::uuid and a.visibility <> 'locked' and m.key = ${key}`,
    signal,
  );
  return row?.value ?? undefined;
}

/** Two statements where some are to be taken away: each may be repeated. Assets that are gone, or not this user's, are passed over. */
export async function writeProvenance(
  session: Session,
  items: readonly { readonly id: string; readonly provenance: Provenance | undefined }[],
  signal: AbortSignal,
): Promise<void> {
  const last = new Map(items.filter(({ id }) => isUuid(id)).map(({ id, provenance: value }) => [id, value]));
  const put: Json[] = [];
  const taken: string[] = [];
  for (const [id, value] of last) {
    if (value === undefined) taken.push(id);
    else put.push({ id, value: { ...value } });
  }
  if (put.length > 0 || taken.length > 0) await mustLock(session, signal);
  if (put.length > 0) await putAll(session, put, signal);
  if (taken.length > 0) await takeAll(session, taken, signal);
}

const nothing = z.object({});

const putAll = (session: Session, items: readonly Json[], signal: AbortSignal) =>
  session.rows(
    nothing,
    ({ sql, json, owner }) => sql`
      insert into asset_metadata ("assetId", key, value)
      select a.id, ${key}, w.value
      from jsonb_to_recordset(${json(items)}::jsonb) as w (id uuid, value jsonb) join asset a on a.id = w.id
      where a."ownerId" = ${owner}::uuid and a.visibility <> 'locked'
      on conflict ("assetId", key) do update set value = excluded.value
      where asset_metadata.value is distinct from excluded.value`,
    signal,
  );

const takeAll = (session: Session, ids: readonly string[], signal: AbortSignal) =>
  session.rows(
    nothing,
    ({ sql, json, owner }) => sql`
      delete from asset_metadata m using asset a
      where a.id = m."assetId" and a."ownerId" = ${owner}::uuid and m.key = ${key}
        and m."assetId" in (select jsonb_array_elements_text(${json(ids)}::jsonb)::uuid)`,
    signal,
  );
