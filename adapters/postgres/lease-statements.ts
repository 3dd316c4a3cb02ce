import { z } from 'zod';
import type { HostSlots } from '../../domain/host-ports.ts';
import type { Database } from './connection.ts';

/** One slot of a host in use. `holder` is the random id of the lease. */
export interface HeldSlot {
  readonly host: string;
  readonly model: string;
  readonly slot: number;
  readonly holder: string;
}

const takenRow = z.object({ slot: z.number().nullable() });
const holderRow = z.object({ holder: z.string() });

/** The lowest free slot, for `ttlMs`; undefined where all `slots` are in use. */
export async function takeSlot(
  database: Database,
  { host, model, slots, holder, ttlMs }: Omit<HeldSlot, 'slot'> & { slots: number; ttlMs: number },
): Promise<number | undefined> {
  const [row] = await database.rows(
    takenRow,
    (sql) => sql`
      select darkroom.take_host_lease(
        ${host}, ${model}, ${slots}, ${holder}, ${ttlMs}::float8 * interval '1 millisecond') as slot`,
  );
  return row?.slot ?? undefined;
}

/** Is a slot free, or not yet in the table? One look, without taking it. */
export async function hasRoom(database: Database, { host, model, slots }: HostSlots): Promise<boolean> {
  const [row] = await database.rows(
    z.object({ held: z.coerce.number() }),
    (sql) => sql`
      select count(*) as held from darkroom.host_lease
      where host = ${host} and model = ${model} and slot <= ${slots} and expires > now()`,
  );
  return (row?.held ?? 0) < slots;
}

/**
 * Renews all of them for `ttlMs` from now, and returns the holders that still have theirs: one that had run out comes to life
 * again where nobody took the slot.
 */
export async function renewSlots(
  database: Database,
  leases: readonly HeldSlot[],
  ttlMs: number,
): Promise<ReadonlySet<string>> {
  const ours = leases.map(({ host, model, slot, holder }) => ({ host, model, slot, holder }));
  const rows = await database.rows(
    holderRow,
    (sql, json) => sql`
      update darkroom.host_lease l set expires = now() + ${ttlMs}::float8 * interval '1 millisecond'
      from jsonb_to_recordset(${json(ours)}) as h(host text, model text, slot integer, holder text)
      where (l.host, l.model, l.slot, l.holder) = (h.host, h.model, h.slot, h.holder)
      returning l.holder`,
  );
  return new Set(rows.map(({ holder }) => holder));
}

/** Their slots are free at once. By holder and not by slot, so that a take whose answer was lost can be taken back too. */
export async function freeSlots(
  database: Database,
  leases: readonly Omit<HeldSlot, 'slot'>[],
  signal: AbortSignal,
): Promise<void> {
  const ours = leases.map(({ host, model, holder }) => ({ host, model, holder }));
  await database.run(
    (sql, json) => sql`
      update darkroom.host_lease l set holder = null, expires = '-infinity'
      from jsonb_to_recordset(${json(ours)}) as h(host text, model text, holder text)
      where l.host = h.host and l.model = h.model and l.holder = h.holder`,
    { signal },
  );
}
