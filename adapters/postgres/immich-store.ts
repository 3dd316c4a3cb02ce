import { z } from 'zod';
import { firstLooks, type ImmichRecord, type ImmichStore } from '../../domain/immich-store.ts';
import type { Database, Sql } from './connection.ts';
import { registerImmich } from './register-immich.ts';
import { count, id, isId } from './rows.ts';

const recordRow = z
  .object({
    id,
    name: z.string(),
    root: z.string(),
    ownerId: z.string(),
    keySha: z.string().nullable(),
    firstLook: z.enum(firstLooks),
    readOnlySince: count.nullable(),
    polledUntil: count.nullable(),
    swept: count.nullable(),
  })
  .transform(({ keySha, readOnlySince, polledUntil, swept, ...row }): ImmichRecord => ({
    ...row,
    kind: 'immich',
    keySha: keySha ?? '',
    ...(readOnlySince !== null && { readOnlySince }),
    ...(polledUntil !== null && { polledUntil }),
    ...(swept !== null && { swept }),
  }));

const columns = (sql: Sql) => sql`
  l.id, l.name, l.root, l.owner_id, l.key_sha, l.first_look, ${ms(sql, 'read_only_since')} as read_only_since,
  ${ms(sql, 'polled_until')} as polled_until, ${ms(sql, 'swept')} as swept`;

const ms = (sql: Sql, column: string) => sql`(extract(epoch from l.${sql(column)}) * 1000)::float8`;

/** Immich libraries and their photos, in Postgres. Every method may be called again with the same effect. */
export function createImmichStore({ database }: { database: Database }): ImmichStore {
  const set = (libraryId: string, column: string, value: string | null) =>
    database.run(
      (sql) =>
        sql`update darkroom.library set ${sql(column)} = ${value} where id = ${isId(libraryId) ? libraryId : '0'}`,
    );
  const libraries = async () =>
    await database.rows(
      recordRow,
      (sql) => sql`select ${columns(sql)} from darkroom.library l where l.kind = 'immich' order by l.id`,
    );
  return {
    async ensure({ name, root, ownerId, keySha, firstLook }) {
      await database.run(
        (sql) => sql`
          insert into darkroom.library (name, kind, root, owner_id, key_sha, first_look, polled_until)
          select case when n.number = 1 then ${name} else ${name} || '-' || n.number end, 'immich', ${root}, ${ownerId},
            -- A day before now: the cursor is of Immich's clock, which may be behind ours.
            ${keySha}, ${firstLook}, now() - interval '1 day'
          from generate_series(1, 1000) as n(number)
          where not exists (
            select from darkroom.library l
            where l.name = case when n.number = 1 then ${name} else ${name} || '-' || n.number end)
          order by n.number limit 1
          on conflict (root, owner_id) where owner_id is not null do update set key_sha = excluded.key_sha`,
      );
      const made = (await libraries()).find((one) => one.root === root && one.ownerId === ownerId);
      if (made === undefined) throw new Error('ensure left no library.');
      return made;
    },
    libraries,
    setFirstLook: (libraryId, firstLook) => set(libraryId, 'first_look', firstLook),
    setPolled: (libraryId, until) => set(libraryId, 'polled_until', new Date(until).toISOString()),
    setSwept: (libraryId, at) => set(libraryId, 'swept', new Date(at).toISOString()),
    setReadOnly: (libraryId, since) =>
      set(libraryId, 'read_only_since', since === undefined ? null : new Date(since).toISOString()),
    register: (library, assets) => registerImmich(database, library, assets),
    async skip(photos) {
      const rows = photos.filter(({ assetId }) => isId(assetId));
      if (rows.length === 0) return;
      await database.run(
        (sql, json) => sql`
          update darkroom.asset a set state = 'skipped', skip_reason = s.reason, updated = now()
          from jsonb_to_recordset(${json(rows.map(({ assetId, reason }) => ({ id: assetId, reason })))}) as s(id bigint, reason text)
          where a.id = s.id and a.state not in ('open', 'waiting')
            and (a.state, a.skip_reason) is distinct from ('skipped', s.reason)`,
      );
    },
    async tellPeople(assetId, told) {
      await database.run(
        (sql) => sql`
          update darkroom.asset set people_hash = ${told}, people_changed = null
          where id = ${isId(assetId) ? assetId : '0'} and (people_hash is distinct from ${told} or people_changed is not null)`,
      );
    },
    async markPeople(marks) {
      const rows = marks.filter(({ assetId }) => isId(assetId));
      if (rows.length === 0) return;
      await database.run(
        (sql, json) => sql`
          update darkroom.asset a set people_changed = case when m.changed then now() end
          from jsonb_to_recordset(${json(rows.map(({ assetId, told, changed }) => ({ id: assetId, told, changed })))})
            as m(id bigint, told text, changed boolean)
          where a.id = m.id and a.people_hash = m.told and (a.people_changed is not null) <> m.changed`,
      );
    },
  };
}
